import { printable } from '../../shared/log.ts'
import type { Answers } from './init-answers.ts'
import type { Ask } from './init-collect.ts'
import type { Question } from './init-questions.ts'

/** The person at the terminal. Ctrl-C rejects with an ExitPromptError, which the command line ends with 130. */
export type Wizard = { readonly ask: Ask; readonly confirm: (question: string) => Promise<boolean> }

/** Prompts go to stderr, so that stdout stays free for results. */
export async function openWizard(): Promise<Wizard> {
  const { confirm, input, password } = await import('@inquirer/prompts')
  const context = { output: process.stderr }
  const ask: Ask = async (question, message, proposal, before) => {
    const validate = validator(question, before)
    switch (question.form) {
      case 'text':
        return input({ message, validate, ...(proposal === undefined ? {} : { default: proposal }) }, context)
      case 'secret':
        return password({ message, validate, mask: true }, context)
      case 'yes-no':
        return (await confirm({ message, default: proposal === 'yes' }, context)) ? 'yes' : 'no'
    }
  }
  return { ask, confirm: (message) => confirm({ message, default: false }, context) }
}

/** The same judgement as for flags, in the form that prompts want. */
export const validator =
  (question: Question, before: Answers) =>
  (text: string): true | string => {
    const complaint = question.check(text, before)
    if (complaint === undefined) return true
    const remedy = complaint.remedy === undefined ? '' : ` (${complaint.remedy})`
    return printable(`${complaint.message}${remedy}`)
  }
