import type { Complaint, Reader } from '../../config/read.ts'
import type { HostFacts } from '../detect/facts.ts'
import type { AnswerKey, Answers } from './init-answers.ts'

/** A question of `haup init`: a prompt, a flag and a key of an answers file. PURE. */
export type Question = {
  readonly key: AnswerKey
  /** What the wizard asks; undefined: it is not asked, a rare wish by flag only. */
  readonly ask: string | undefined
  /** What `--help` says of the flag. */
  readonly help: string
  /** `switch`: a flag without its contrary. */
  readonly form: 'text' | 'yes-no' | 'switch' | 'secret' | { readonly choices: readonly string[] }
  /** Judges an answer, given those before it and what was seen of this box; undefined = good. */
  readonly check: (text: string, before: Answers, facts: HostFacts) => Complaint | undefined
  /** Whether it makes sense after the answers before it; undefined = always. `given` is the answer of a flag. */
  readonly when?: (before: Answers, given: string | undefined) => boolean
  /** Whether a person is asked, by what was seen; undefined = always. */
  readonly matters?: (facts: HostFacts) => boolean
}

/** Judges by a reader alone. */
export const by =
  <T>(read: Reader<T>): Question['check'] =>
  (text) => {
    const result = read(text)
    return result.ok ? undefined : result.error
  }

/** And not the same as another answer, which `what` describes. */
export const unlike =
  (read: Reader<unknown>, key: AnswerKey, what: string): Question['check'] =>
  (text, before, facts) =>
    by(read)(text, before, facts) ??
    (text === before[key] ? { message: `must differ from ${what}, ${text}`, remedy: undefined } : undefined)

export const text = (key: AnswerKey, ask: string, help: string, check: Question['check']): Question => ({
  key,
  ask,
  help,
  form: 'text',
  check,
})

/** A rare wish: by flag only. */
export const flag = (key: AnswerKey, help: string, check: Question['check']): Question => ({
  key,
  ask: undefined,
  help,
  form: 'text',
  check,
})
