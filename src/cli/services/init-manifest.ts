import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { EXIT, UserError } from '../../shared/errors.ts'
import { writeFileAtomically } from './init-write.ts'

/** What init has changed on this box, so that `haup init --undo` can take it back. Kept on disk before each change. */
export type Manifest = {
  readonly version: 1
  readonly files: readonly ManifestFile[]
  /** Directories that were made for files, outer ones first. */
  readonly directories: readonly string[]
  readonly sysctls: readonly { readonly path: string; readonly before: string; readonly after: string }[]
  /** Commands that undo others: before the files are put back, and after. */
  readonly undo_before: readonly (readonly string[])[]
  readonly undo_after: readonly (readonly string[])[]
  /** The web server's own test and reload, when files of it were written. */
  readonly server: ServerControl | null
}

export type ManifestFile = {
  readonly path: string
  readonly is_link: boolean
  /** Where the link led that stood in place of a file; null: there was none. */
  readonly before_link: string | null
  /** SHA-256 of what was there; null: nothing. */
  readonly before: string | null
  readonly after: string
  readonly backup: string | null
  /** Later copies, of what init itself had written. */
  readonly copies: readonly string[]
}

export type ServerControl = {
  readonly test: readonly string[]
  /** Empty: it does not run. */
  readonly reload: readonly string[]
}

export const EMPTY_MANIFEST: Manifest = {
  version: 1,
  files: [],
  directories: [],
  sysctls: [],
  undo_before: [],
  undo_after: [],
  server: null,
}

export const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex')

/** What was there before the first change stays what undo goes back to. */
export function withFile(manifest: Manifest, file: ManifestFile): Manifest {
  const known = manifest.files.find(({ path }) => path === file.path)
  const entry = known === undefined ? file : laterOf(known, file)
  return { ...manifest, files: [...manifest.files.filter(({ path }) => path !== file.path), entry] }
}

/** The copy of what a person had changed in between is the person's. */
function laterOf(known: ManifestFile, { before, after, backup }: ManifestFile): ManifestFile {
  const isOurs = backup !== null && before === known.after
  return { ...known, after, copies: isOurs ? [...known.copies, backup] : known.copies }
}

export const withDirectories = (manifest: Manifest, made: readonly string[]): Manifest => ({
  ...manifest,
  directories: [...new Set([...manifest.directories, ...made])],
})

export const withSysctl = (manifest: Manifest, sysctl: Manifest['sysctls'][number]): Manifest =>
  manifest.sysctls.some(({ path }) => path === sysctl.path)
    ? manifest
    : { ...manifest, sysctls: [...manifest.sysctls, sysctl] }

/** A command that is there already is not repeated. */
export function withUndo(manifest: Manifest, place: 'undo_before' | 'undo_after', argv: readonly string[]): Manifest {
  const isKnown = manifest[place].some((known) => known.join('\0') === argv.join('\0'))
  return isKnown ? manifest : { ...manifest, [place]: [...manifest[place], argv] }
}

export const saveManifest = (path: string, manifest: Manifest): Promise<void> =>
  writeFileAtomically({ path, content: `${JSON.stringify(manifest, undefined, 2)}\n`, mode: 0o600 })

export const removeManifest = (path: string): Promise<void> => rm(path, { force: true })

/** Undefined: init has changed nothing here. */
export async function readManifest(path: string): Promise<Manifest | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const manifest = interpretManifest(text)
  if (manifest !== undefined) return manifest
  throw new UserError(`${path} is not what init has written`, {
    code: 'init.manifest',
    exitCode: EXIT.environment,
    nextSteps: ['move it away; what init has written has to be taken back by hand then'],
  })
}

/** PURE. Undefined: not a manifest of this version. */
export function interpretManifest(text: string): Manifest | undefined {
  const data = parseJson(text)
  if (!isObject(data) || data.version !== 1) return undefined
  const { files, directories, sysctls, undo_before, undo_after, server } = data
  if (!isListOf(files, isFile) || !isListOf(directories, isText)) return undefined
  if (!isListOf(sysctls, isSysctl)) return undefined
  if (!isListOf(undo_before, isArgv) || !isListOf(undo_after, isArgv)) return undefined
  if (server !== null && !isServer(server)) return undefined
  return { version: 1, files, directories, sysctls, undo_before, undo_after, server }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Fields = { readonly [key: string]: unknown }

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string'
const isListOf = <T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] =>
  Array.isArray(value) && value.every(isItem)
const isArgv = (value: unknown): value is readonly string[] => isListOf(value, isText)
const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value)

const isFile = (value: unknown): value is ManifestFile =>
  isObject(value) &&
  isText(value.path) &&
  typeof value.is_link === 'boolean' &&
  isTextOrNull(value.before) &&
  isTextOrNull(value.before_link) &&
  isText(value.after) &&
  isTextOrNull(value.backup) &&
  isListOf(value.copies, isText)

const isSysctl = (value: unknown): value is Manifest['sysctls'][number] =>
  isObject(value) && isText(value.path) && isText(value.before) && isText(value.after)

const isServer = (value: unknown): value is ServerControl =>
  isObject(value) && isArgv(value.test) && isArgv(value.reload)
