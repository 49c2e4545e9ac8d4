import { errorAt, type Finding, type Path, warningAt } from './finding.ts'

/** A command as it stands in the file; `user` undefined: the engine's own. */
export type NamedCommand = { readonly path: Path; readonly argv: readonly string[]; readonly user: string | undefined }

/** Programs that do what a file says which is given to them. */
const INTERPRETER = /(^|\/)((ba|da|k|z)?sh|env|node|php|(python|perl|ruby)[\d.]*)$/

/** The script that a command has an interpreter run; undefined: the program itself is all. PURE. */
export const scriptOf = ([program = '', ...words]: readonly string[]): string | undefined =>
  INTERPRETER.test(program) ? words.find((word) => word.startsWith('/')) : undefined

/** A file or a directory on the way to it, as it is on this box; symbolic links are followed, not listed. */
export type PathFact = {
  readonly path: string
  readonly isDirectory: boolean
  /** With the sticky bit: who may write into a directory cannot replace what belongs to others. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** The way to a file, from / to the file. */
export type Trail = readonly PathFact[]

/** What stands behind the name of a program; undefined: nothing does. */
export type ProgramFact = { readonly executable: boolean; readonly trail: Trail } | undefined

export type FilesFound = {
  /** By the name as it stands in the file. */
  readonly programs: ReadonlyMap<string, ProgramFact>
  /** What these are given as their script. */
  readonly scripts: ReadonlyMap<string, Trail>
  /** Whom the engine may trust: root, and who runs it. */
  readonly trusted: readonly number[]
}

/** Whether the commands are there, and whether others than root can make them do something else. PURE. */
export const checkCommands = (commands: readonly NamedCommand[], found: FilesFound): Finding[] =>
  commands.flatMap((command) => checkCommand(command, found))

function checkCommand({ path, argv, user }: NamedCommand, { programs, scripts, trusted }: FilesFound): Finding[] {
  const name = argv[0] ?? ''
  const program = programs.get(name)
  if (program === undefined) return [errorAt(path, `there is no program ${name} on this box`, remedyFor(name))]
  if (!program.executable) return [errorAt(path, `${name} cannot be executed`, `chmod +x ${name}`)]
  // Whoever else runs it has no rights to lose but his own.
  if (user !== undefined && user !== 'root') return []
  const trails = [program.trail, scripts.get(scriptOf(argv) ?? '') ?? []]
  return trails.flatMap((trail) => checkTrail(path, trail, 'root runs it', trusted)).slice(0, 1)
}

const remedyFor = (name: string): string =>
  name.includes('/') ? 'correct the path, or install it' : 'write the whole path, or install it'

/** The first place on the way at which others than root could put something else. PURE. */
export function checkTrail(path: Path, trail: Trail, why: string, trusted: readonly number[]): Finding[] {
  const target = trail.at(-1)?.path ?? ''
  const found = trail.find((fact) => weaknessOf(fact, trusted) !== undefined)
  const weakness = found === undefined ? undefined : weaknessOf(found, trusted)
  if (found === undefined || weakness === undefined) return []
  const what = found.path === target ? target : `${target}: its directory ${found.path}`
  const finding = weakness.severe ? errorAt : warningAt
  return [finding(path, `${what} ${weakness.what}, and ${why}`, `${weakness.remedy} ${found.path}`)]
}

type Weakness = { readonly what: string; readonly remedy: string; readonly severe: boolean }

function weaknessOf({ mode, uid, gid, isDirectory }: PathFact, trusted: readonly number[]): Weakness | undefined {
  const isSticky = isDirectory && (mode & 0o1000) !== 0
  if ((mode & 0o002) !== 0 && !isSticky) return { what: 'can be written by anybody', remedy: 'chmod o-w', severe: true }
  if (!trusted.includes(uid))
    return { what: `belongs to the user ${uid}, not to root`, remedy: 'chown root', severe: true }
  if ((mode & 0o020) === 0 || isSticky || gid === 0) return undefined
  return { what: `can be written by the group ${gid}`, remedy: 'chmod g-w', severe: false }
}
