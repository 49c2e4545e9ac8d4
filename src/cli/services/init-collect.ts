import type { Complaint } from '../../config/read.ts'
import { UserError } from '../../shared/errors.ts'
import { printable } from '../../shared/log.ts'
import type { HostFacts } from '../detect/facts.ts'
import type { AnswerKey, Answers } from './init-answers.ts'
import type { Question } from './init-question.ts'
import { flagOf, QUESTIONS } from './init-questions.ts'

/** Puts one question to a person; the answer has passed `check`. */
export type Ask = (question: AskedQuestion) => Promise<string>

export type AskedQuestion = {
  readonly key: AnswerKey
  readonly message: string
  readonly form: Question['form']
  readonly proposal: string | undefined
  readonly check: (answer: string) => Complaint | undefined
}

type Sources = {
  /** From flags and the answers file. */
  readonly given: Answers
  readonly propose: (key: AnswerKey, before: Answers) => string | undefined
  /** Undefined: proposals are taken as they are. */
  readonly ask: Ask | undefined
  readonly facts: HostFacts
  /** Told of each answer at once, before the next question. */
  readonly onAnswer: (key: AnswerKey, answers: Answers) => Promise<void>
}

/**
 * Goes through the questions: what is given, else what a person answers, else what is proposed. Throws a `UserError` for
 * an answer that is wrong, and one that names the flags for which there is no proposal.
 */
export async function collectAnswers({ given, propose, ask, facts, onAnswer }: Sources): Promise<Answers> {
  let answers: Answers = {}
  const missing: AnswerKey[] = []
  for (const question of QUESTIONS) {
    const { key } = question
    if (question.when?.(answers, given[key]) === false) {
      if (given[key] !== undefined) throw uselessError(key)
      continue
    }
    const check = (answer: string) => question.check(answer, answers, facts)
    const isAsked = question.matters?.(facts) !== false
    const answer = given[key] ?? (await answerFrom(question, propose(key, answers), isAsked ? ask : undefined, check))
    if (answer === undefined) {
      missing.push(key)
      continue
    }
    answers = { ...answers, [key]: checked(key, answer, check) }
    await onAnswer(key, answers)
  }
  if (missing.length > 0) throw missingError(missing)
  return answers
}

async function answerFrom(
  { key, ask: message, form }: Question,
  proposal: string | undefined,
  ask: Ask | undefined,
  check: AskedQuestion['check'],
): Promise<string | undefined> {
  if (ask === undefined || message === undefined) return proposal
  return ask({ key, message, form, proposal, check })
}

function checked(key: AnswerKey, answer: string, check: AskedQuestion['check']): string {
  const complaint = check(answer)
  if (complaint === undefined) return answer
  throw wrongAnswer(key, complaint)
}

export const wrongAnswer = (key: AnswerKey, { message, remedy }: Complaint): UserError =>
  new UserError(`--${flagOf(key)} ${printable(message)}`, {
    code: 'init.wrong-answer',
    nextSteps: remedy === undefined ? [] : [remedy],
  })

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
