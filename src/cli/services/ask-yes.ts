import { UserError } from '../../shared/errors.ts'

/** Asks at the terminal, on stderr, unless it was answered by a flag. Throws UserError where nobody can be asked. */
export async function askForRelease(yes: boolean, what: string): Promise<boolean> {
  if (yes) return true
  if (!process.stdin.isTTY) {
    throw new UserError(`this would take ${what} off this box, and there is no terminal to ask at`, {
      code: 'usage',
      nextSteps: ['haup release --yes'],
    })
  }
  const { confirm } = await import('@inquirer/prompts')
  return confirm({ message: `Take ${what} off this box?`, default: true }, { output: process.stderr })
}
