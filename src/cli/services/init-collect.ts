import { UserError } from '../../shared/errors.ts'
import { printable } from '../../shared/log.ts'
import type { AnswerKey, Answers } from './init-answers.ts'
import { flagOf, QUESTIONS, type Question } from './init-questions.ts'

/** Puts one question to a person; the answer has passed `check`. */
export type Ask = (question: Question, ask: string, proposal: string | undefined, before: Answers) => Promise<string>

type Sources = {
  /** From flags and the answers file. */
  readonly given: Answers
  readonly propose: (key: AnswerKey, before: Answers) => string | undefined
  /** Undefined: proposals are taken as they are. */
  readonly ask: Ask | undefined
}

/**
 * Goes through the questions: what is given, else what a person answers, else what is proposed. Throws a `UserError` for
 * an answer that is wrong, and one that names the flags for which there is no proposal.
 */
export async function collectAnswers({ given, propose, ask }: Sources): Promise<Answers> {
  let answers: Answers = {}
  const missing: AnswerKey[] = []
  for (const question of QUESTIONS) {
    const { key } = question
    if (question.when?.(answers, given[key]) === false) {
      if (given[key] !== undefined) throw uselessError(key)
      continue
    }
    const answer = given[key] ?? (await answerFrom(question, propose(key, answers), ask, answers))
    if (answer === undefined) missing.push(key)
    else answers = { ...answers, [key]: checked(question, answer, answers) }
  }
  if (missing.length > 0) throw missingError(missing)
  return answers
}

async function answerFrom(
  question: Question,
  proposal: string | undefined,
  ask: Ask | undefined,
  before: Answers,
): Promise<string | undefined> {
  if (ask === undefined || question.ask === undefined) return proposal
  return ask(question, question.ask, proposal, before)
}

function checked(question: Question, answer: string, before: Answers): string {
  const complaint = question.check(answer, before)
  if (complaint === undefined) return answer
  throw new UserError(`--${flagOf(question.key)} ${printable(complaint.message)}`, {
    code: 'init.wrong-answer',
    nextSteps: complaint.remedy === undefined ? [] : [complaint.remedy],
  })
}

const missingError = (missing: readonly AnswerKey[]): UserError => {
  const flags = missing.map((key) => `--${flagOf(key)}`)
  const verb = flags.length === 1 ? 'has' : 'have'
  return new UserError(`${flags.join(' and ')} ${verb} no proposal: nobody but you knows`, {
    code: 'init.missing-answer',
    nextSteps: [
      `add ${flags.map((flag) => `${flag} ...`).join(' ')}`,
      'or run haup init without --yes and answer its questions',
    ],
  })
}

/** A flag that would change nothing is a misunderstanding. */
const uselessError = (key: AnswerKey): UserError =>
  new UserError(`--${flagOf(key)} has no effect beside the other answers`, {
    code: 'init.useless-answer',
    nextSteps: [`remove --${flagOf(key)}`],
  })
