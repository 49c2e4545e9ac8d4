import { UserError } from '../../shared/errors.ts'
import { printable } from '../../shared/log.ts'
import type { Ask, AskedQuestion } from './init-collect.ts'

/** The person at the terminal. Ctrl-C rejects with an ExitPromptError, which the command line ends with 130. */
export type Wizard = {
  readonly ask: Ask
  readonly confirm: (question: string, proposal: boolean) => Promise<boolean>
  readonly choose: (question: string, choices: readonly string[]) => Promise<string>
}

/** What the choices of a question mean, where their names alone do not tell. */
const MEANINGS: Readonly<Record<string, string>> = {
  'health-location none': 'the front page, or a URL of yours',
  'health-location existing': 'the health location it has',
  'health-location write': 'a new health location (a small file)',
  'firewall print': 'show how, I do it myself',
  'firewall apply': 'yes, now',
  'firewall none': 'no',
}

/** Prompts go to stderr, so that stdout stays free for results. */
export async function openWizard(): Promise<Wizard> {
  const { confirm, input, password, select } = await import('@inquirer/prompts')
  const context = { output: process.stderr }
  const ask: Ask = async (question) => {
    const { message, form, proposal } = question
    const preset = proposal === undefined ? {} : { default: proposal }
    if (form === 'text') return input({ message, validate: validator(question), ...preset }, context)
    if (form === 'secret') return password({ message, validate: validator(question), mask: true }, context)
    if (form === 'yes-no' || form === 'switch') {
      const answer = (await confirm({ message, default: proposal === 'yes' }, context)) ? 'yes' : 'no'
      return reasked(question, answer, ask)
    }
    const choices = form.choices.map((value) => ({ value, name: MEANINGS[`${question.key} ${value}`] ?? value }))
    return reasked(question, await select({ message, choices, ...preset }, context), ask)
  }
  return {
    ask,
    confirm: (message, proposal) => confirm({ message, default: proposal }, context),
    choose: (message, choices) => select({ message, choices }, context),
  }
}

/** Prompts of choices cannot refuse one: its complaint is told, and the question put again. */
async function reasked(question: AskedQuestion, answer: string, ask: Ask): Promise<string> {
  const verdict = validator(question)(answer)
  if (verdict === true) return answer
  process.stderr.write(`> this ${verdict}\n`)
  return ask(question)
}

/** The same judgement as for flags, in the form that prompts want. */
export const validator =
  ({ check }: Pick<AskedQuestion, 'check'>) =>
  (text: string): true | string => {
    const complaint = check(text)
    if (complaint === undefined) return true
    const remedy = complaint.remedy === undefined ? '' : ` (${complaint.remedy})`
    return printable(`${complaint.message}${remedy}`)
  }

export const noTerminal = (): UserError =>
  new UserError('there is no terminal to ask questions on', {
    code: 'init.no-terminal',
    nextSteps: ['add --yes, and the answers as flags: haup init --help'],
  })
