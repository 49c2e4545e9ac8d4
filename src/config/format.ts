import { EXIT, UserError } from '../shared/errors.ts'
import type { ConfigProblem } from './types.ts'

/** Problems for people: `file:line:column: error: path: message`, and what to do about it in the next line. PURE. */
export const formatProblems = (problems: readonly ConfigProblem[]): string[] => problems.flatMap(formatProblem)

function formatProblem({ severity, place, path, message, remedy }: ConfigProblem): string[] {
  const subject = path === '' ? '' : `${path}: `
  const where = place.line === 0 ? place.file : `${place.file}:${place.line}:${place.column}`
  const head = `${where}: ${severity}: ${subject}${message}`
  return remedy === undefined ? [head] : [head, `    → ${remedy}`]
}

/** `2 errors and 1 warning` */
export function countProblems(problems: readonly ConfigProblem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  const parts = [errors > 0 ? plural(errors, 'error') : '', warnings > 0 ? plural(warnings, 'warning') : '']
  return parts.filter((part) => part !== '').join(' and ') || 'no problems'
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** For commands that cannot go on without a valid configuration. */
export function toUserError(problems: readonly ConfigProblem[]): UserError {
  const file = problems[0]?.place.file ?? 'the configuration'
  const lines = formatProblems(problems.filter(({ severity }) => severity === 'error'))
  return new UserError([`${file} cannot be used: ${countProblems(problems)}`, ...lines].join('\n'), {
    code: 'config.invalid',
    exitCode: EXIT.usage,
    nextSteps: [`correct the file, then: haup config check ${file}`],
  })
}
