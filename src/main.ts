import { execute } from '@oclif/core/execute'
import type { PJSON } from '@oclif/core/interfaces'
import { settings } from '@oclif/core/settings'
import packageJson from '../package.json' with { type: 'json' }

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
  const root = import.meta.dirname
  await execute({ loadOptions: { root, pjson: description, userPlugins: false, devPlugins: false } })
}
