import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { EXIT } from '../../src/shared/errors.ts'

/**
 * Commands, arguments, flags and exit codes are public API: a change here is a change for users and belongs into the
 * changelog. After `node scripts/build.ts`, HAUP_UPDATE_SURFACE=1 writes the file anew; read its difference.
 */

const FILE = join(import.meta.dirname, 'surface.json')
const MANIFEST = join(import.meta.dirname, '..', '..', 'dist', 'oclif.manifest.json')

type Flag = {
  readonly type: string
  readonly char?: string
  readonly default?: unknown
  readonly multiple?: boolean
  readonly required?: boolean
  readonly options?: readonly string[]
  readonly hidden?: boolean
}
type Command = { readonly args: Record<string, Flag>; readonly flags: Record<string, Flag>; readonly aliases: string[] }

test('commands, flags and exit codes are those that were promised', async () => {
  const surface = { exit_codes: EXIT, commands: await readCommands() }
  const text = `${JSON.stringify(surface, undefined, 2)}\n`
  if (process.env.HAUP_UPDATE_SURFACE === '1') await writeFile(FILE, text)
  assert.deepEqual(JSON.parse(text), JSON.parse(await readFile(FILE, 'utf8')))
})

test('the exit codes are documented', async () => {
  const page = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'exit-codes.md'), 'utf8')
  for (const code of [...Object.values(EXIT), 130]) assert.match(page, new RegExp(`^\\| ${code} \\|`, 'm'))
})

async function readCommands(): Promise<Record<string, unknown>> {
  const { commands }: { commands: Record<string, Command> } = JSON.parse(await readFile(MANIFEST, 'utf8'))
  const sorted = Object.entries(commands).toSorted(([a], [b]) => a.localeCompare(b))
  return Object.fromEntries(sorted.map(([id, command]) => [id.replaceAll(':', ' '), describe(command)]))
}

const describe = ({ args, flags, aliases }: Command) => ({
  ...(aliases.length > 0 ? { aliases } : {}),
  args: Object.fromEntries(Object.entries(args).map(([name, arg]) => [name, words(arg)])),
  flags: Object.fromEntries(
    Object.entries(flags)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([name, flag]) => [name, words(flag)]),
  ),
})

/** What a caller notices; descriptions may change freely. */
const words = ({ type, char, default: preset, multiple, required, options, hidden }: Flag): string =>
  [
    type === 'boolean' ? 'switch' : 'value',
    char === undefined ? '' : `-${char}`,
    multiple === true ? 'repeatable' : '',
    required === true ? 'required' : '',
    hidden === true ? 'hidden' : '',
    options === undefined ? '' : `one of ${options.join('|')}`,
    preset === undefined ? '' : `default ${JSON.stringify(preset)}`,
  ]
    .filter((word) => word !== '')
    .join(', ')
