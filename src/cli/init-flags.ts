import { Flags } from '@oclif/core'
import { ANSWER_KEYS, type AnswerKey, type Answers } from './services/init-answers.ts'
import { flagOf, QUESTIONS, type Question } from './services/init-questions.ts'

/** The questions of `haup init` as flags. */
export const answerFlags = () =>
  Object.fromEntries(QUESTIONS.map((question) => [flagOf(question.key), flagFor(question)]))

function flagFor({ form, help, key }: Question) {
  const description = help
  if (form === 'yes-no') return Flags.boolean({ description, allowNo: true })
  if (key === 'vip') return Flags.string({ description, multiple: true, multipleNonGreedy: true, helpValue: 'ADDRESS' })
  return Flags.string({ description, helpValue: form === 'secret' ? 'FILE' : key.toUpperCase() })
}

/** Parsed flags -> the answers that were given. */
export function answersOf(flags: Readonly<Record<string, unknown>>): Answers {
  const answers: Partial<Record<AnswerKey, string>> = {}
  for (const key of ANSWER_KEYS) {
    const value = flags[flagOf(key)]
    if (value === undefined) continue
    answers[key] =
      typeof value === 'boolean' ? (value ? 'yes' : 'no') : Array.isArray(value) ? value.join(',') : String(value)
  }
  return answers
}
