import { lstat, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import {
  checkCommands,
  checkTrail,
  type FilesFound,
  type NamedCommand,
  type PathFact,
  type ProgramFact,
  scriptOf,
  type Trail,
} from '../../config/check-access.ts'
import { commandsOf } from '../../config/commands.ts'
import type { LoadedDocument } from '../../config/load.ts'
import type { ConfigProblem } from '../../config/types.ts'
import { MINIMAL_ENV } from '../../probes/run-command.ts'

/** What this box has to say about the files behind a configuration: commands that are not there, files that others may write. */
export async function lookAtFiles({ draft, file }: LoadedDocument): Promise<readonly ConfigProblem[]> {
  const trusted = [0, process.geteuid?.() ?? 0]
  const commands = commandsOf(draft.document)
  const found = await findFiles(commands, trusted)
  const why = 'root runs the commands in it'
  const whole = checkTrail([], await trailOf(resolve(file)), why, trusted).map((finding) => ({
    ...draft.source.place(finding),
    place: { file, line: 0, column: 0 },
  }))
  const placed = checkCommands(commands, found).map(draft.source.place)
  return [...whole, ...(await lookAtSecrets(draft, file, trusted)), ...placed.toSorted(byPlace)]
}

const byPlace = ({ place: a }: ConfigProblem, { place: b }: ConfigProblem): number =>
  a.line - b.line || a.column - b.column

/** Of a file with a secret, mode and owner have been looked at; its directories have not. */
async function lookAtSecrets(
  { document, source }: LoadedDocument['draft'],
  file: string,
  trusted: readonly number[],
): Promise<readonly ConfigProblem[]> {
  const name = document.peer?.key_file
  if (name === undefined) return []
  const directory = dirname(resolve(dirname(file), name))
  // Told of haup.yaml.
  if (directory === dirname(resolve(file))) return []
  const why = 'the key stands there'
  return checkTrail(['peer', 'key_file'], await trailOf(directory), why, trusted).map(source.place)
}

async function findFiles(commands: readonly NamedCommand[], trusted: readonly number[]): Promise<FilesFound> {
  const names = new Set(commands.map(({ argv }) => argv[0] ?? ''))
  const scripts = new Set(commands.flatMap(({ argv }) => scriptOf(argv) ?? []))
  return {
    programs: new Map(await Promise.all([...names].map(async (name) => [name, await findProgram(name)] as const))),
    scripts: new Map(await Promise.all([...scripts].map(async (path) => [path, await trailOf(path)] as const))),
    trusted,
  }
}

/** As it is found when it is run. */
async function findProgram(name: string): Promise<ProgramFact> {
  const directories = isAbsolute(name) ? [''] : (MINIMAL_ENV.PATH ?? '').split(':')
  let first: ProgramFact
  for (const directory of directories) {
    const trail = await trailOf(join(directory, name))
    const file = trail.at(-1)
    if (file === undefined || file.isDirectory) continue
    const found = { executable: (file.mode & 0o111) !== 0, trail }
    if (found.executable) return found
    first ??= found
  }
  return first
}

/** By the name, and by where its links lead; empty when there is nothing. */
async function trailOf(path: string): Promise<Trail> {
  const real = await realpath(path).catch(() => undefined)
  if (real === undefined) return []
  const ways = [...new Set([...waysTo(path).slice(0, -1), ...waysTo(real)])]
  const facts = await Promise.all(ways.map(factOf))
  return facts.flatMap((fact) => fact ?? [])
}

const waysTo = (path: string): readonly string[] => (dirname(path) === path ? [path] : [...waysTo(dirname(path)), path])

async function factOf(path: string): Promise<PathFact | undefined> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined || found.isSymbolicLink()) return undefined
  return { path, isDirectory: found.isDirectory(), mode: found.mode & 0o7777, uid: found.uid, gid: found.gid }
}
