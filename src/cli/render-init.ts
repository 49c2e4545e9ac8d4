import { assertNever } from '../shared/errors.ts'

/** `haup init --json`: public API. */
export type InitResult = {
  readonly outcome: 'written' | 'unchanged' | 'kept' | 'dry-run'
  readonly file: string
  readonly password_file: string | null
  readonly backups: readonly string[]
  readonly content: string
  readonly next_steps: readonly string[]
}

/** What `haup init` says at its end. PURE. */
export function renderInit(result: InitResult): string[] {
  const files = result.password_file === null ? result.file : `${result.file} and ${result.password_file}`
  switch (result.outcome) {
    case 'dry-run':
      return [`# would be written to ${files}`, ...result.content.trimEnd().split('\n')]
    case 'kept':
      return [`${result.file} was kept as it is; nothing was written`]
    case 'unchanged':
      return [`${files} unchanged`, ...goOn(result)]
    case 'written':
      return [...result.backups.map((copy) => `kept the former file as ${copy}`), `wrote ${files}`, ...goOn(result)]
    default:
      return assertNever(result.outcome)
  }
}

const goOn = ({ next_steps }: InitResult): string[] => ['', 'next:', ...next_steps.map((step) => `  ${step}`)]
