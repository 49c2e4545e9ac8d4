import { ExitError } from '@oclif/core/errors'
import type { PJSON } from '@oclif/core/interfaces'
import { run } from '@oclif/core/run'
import { settings } from '@oclif/core/settings'
import packageJson from '../package.json' with { type: 'json' }
import { reportError } from './cli/error-report.ts'
import { tellFailure } from './cli/output.ts'

/** What oclif wants to know of this package. It is part of the bundle: at start nothing has to be looked for. */
export const description: PJSON = {
  ...packageJson,
  oclif: {
    ...packageJson.oclif,
    topicSeparator: ' ',
    // In `dist/`, where the commands and their manifest lie beside this file.
    commands: { strategy: 'pattern', target: './commands' },
  },
}

/**
 * Runs the command line; ends the process itself when a command fails. Only the bundle in `dist/` can do it. No code is
 * taken from anywhere else, such as a plugin in somebody's home directory.
 */
export async function main(): Promise<void> {
  settings.enableAutoTranspile = false
  const argv = process.argv.slice(2)
  try {
    const root = import.meta.dirname
    await run(argv, { root, pjson: description, userPlugins: false, devPlugins: false })
  } catch (error) {
    process.exit(fail(error, argv))
  }
}

/** Commands have told their own failures; what is left went wrong before one was found. Returns the exit code. */
function fail(error: unknown, argv: readonly string[]): number {
  if (error instanceof ExitError) return error.oclif.exit ?? 0
  const report = reportError(error, 'haup')
  tellFailure(report, argv.includes('--json'))
  return report.exitCode
}
