import { readFile } from 'node:fs/promises'
import { checkPassword, passwordIn } from '../../config/check-password.ts'
import { parseYaml } from '../../config/document.ts'
import { errorAt, type Finding } from '../../config/finding.ts'
import { formatProblems } from '../../config/format.ts'
import { nearest } from '../../config/nearest.ts'
import type { ConfigProblem } from '../../config/types.ts'
import { messageOf, UserError } from '../../shared/errors.ts'
import { printable } from '../../shared/log.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { ANSWER_KEYS, type AnswerKey, type Answers } from './init-answers.ts'
import { flagOf } from './init-questions.ts'

/** Answers that come from files: `--answers FILE`, `--password-from FILE`. */

/** `password` in `flags` is the name of its file. Flags win over the answers file. */
export async function gatherGiven(flags: Answers, answersFile: string | undefined): Promise<Answers> {
  const fromFile = answersFile === undefined ? {} : await readAnswersFile(answersFile)
  const given: Answers = { ...fromFile, ...flags }
  return given.password === undefined ? given : { ...given, password: await readPasswordFrom(given.password) }
}

async function readAnswersFile(file: string): Promise<Answers> {
  const answers = interpretAnswers(await readText(file), file)
  if (answers.ok) return answers.value
  throw new UserError([`the answers in ${file} cannot be used:`, ...formatProblems(answers.error)].join('\n'), {
    code: 'init.answers-file',
    nextSteps: ['keys are the names of the flags; see: haup init --help'],
  })
}

/** Keys are the flags' names; texts, numbers, true/false (yes/no), and lists for several values. PURE. */
export function interpretAnswers(text: string, file: string): Result<Answers, ConfigProblem[]> {
  const source = parseYaml(text, file)
  if (!source.ok) return source
  const { data, place } = source.value
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return err([place(errorAt([], 'must be a mapping of answers'))])
  }
  const answers: Partial<Record<AnswerKey, string>> = {}
  const findings: Finding[] = []
  for (const [name, value] of Object.entries(data)) {
    const key = ANSWER_KEYS.find((candidate) => flagOf(candidate) === name)
    const answer = textOf(value)
    if (key === undefined) findings.push(unknownAnswer(name))
    else if (answer === undefined) findings.push(errorAt([name], 'must be one value, or a list of values'))
    else answers[key] = answer
  }
  return findings.length === 0 ? ok(answers) : err(findings.map(place))
}

function unknownAnswer(name: string): Finding {
  const known = ANSWER_KEYS.map(flagOf)
  const near = nearest(name, known)
  const remedy = near === undefined ? `answers are: ${known.join(', ')}` : `did you mean "${near}"?`
  return { ...errorAt([name], `unknown answer "${printable(name, 60)}"`, remedy), at: 'key' }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  if (!Array.isArray(value)) return undefined
  const items = value.map(textOf)
  return items.includes(undefined) ? undefined : items.join(',')
}

async function readPasswordFrom(path: string): Promise<string> {
  const content = await readFile(path).catch((error: unknown) => {
    throw new UserError(`--password-from ${path} cannot be read: ${messageOf(error)}`, { code: 'init.password' })
  })
  const [finding] = checkPassword([], { kind: 'read', path, content, isPrivate: true, ownedByRoot: true })
  if (finding === undefined) return passwordIn(content)
  throw new UserError(finding.message, { code: 'init.password', nextSteps: ['write 1 to 8 characters into it'] })
}

const readText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    throw new UserError(`${path} cannot be read: ${messageOf(error)}`, { code: 'init.answers-file' })
  })
