import { dirname, resolve } from 'node:path'
import { readRegular } from '../shared/regular-file.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { type ConfigDraft, finishConfig, interpretConfig, type SecretFile } from './interpret.ts'
import type { ConfigProblem, LoadedConfig } from './types.ts'

/** A haup.yaml of 64 nodes and 255 instances is smaller than this. */
const MAX_BYTES = 1_048_576

/**
 * Reads and checks a configuration file and the files with secrets that it names. Never throws for what stands in a file;
 * the problems of a failed load include the warnings.
 */
export async function loadConfig(file: string): Promise<Result<LoadedConfig, ConfigProblem[]>> {
  const loaded = await loadDocument(file)
  return loaded.ok ? ok({ config: loaded.value.config, warnings: loaded.value.warnings, file }) : loaded
}

/** A loaded file together with its own form: keys as written, defaults filled in, places. */
export type LoadedDocument = LoadedConfig & { readonly draft: ConfigDraft }

export async function loadDocument(file: string): Promise<Result<LoadedDocument, ConfigProblem[]>> {
  const bytes = await readRegular(file, MAX_BYTES)
  if (!bytes.ok) return err([wholeFile(file, bytes.error.message, 'name the file, or write one with: haup init')])
  return loadContent(bytes.value.content, file)
}

/** Checks a content as if it stood in `file`: relative paths in it start at the directory of `file`. */
export async function loadContent(content: Uint8Array, file: string): Promise<Result<LoadedDocument, ConfigProblem[]>> {
  const text = decodeUtf8(content)
  if (text === undefined) return err([wholeFile(file, 'is not UTF-8 text', 'save it as UTF-8')])
  const draft = interpretConfig(text, file)
  if (!draft.ok) return draft
  const read = async (name: string) => [name, await readSecret(resolve(dirname(file), name))] as const
  const secrets = new Map(await Promise.all(draft.value.secretFiles.map(read)))
  const finished = finishConfig(draft.value, secrets)
  return finished.ok ? ok({ ...finished.value, draft: draft.value, file }) : finished
}

const wholeFile = (file: string, message: string, remedy: string): ConfigProblem => ({
  severity: 'error',
  place: { file, line: 0, column: 0 },
  path: '',
  message,
  remedy,
})

const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

async function readSecret(path: string): Promise<SecretFile> {
  const read = await readRegular(path, 4_096)
  if (!read.ok) return { kind: 'unreadable', path, message: read.error.message }
  const { content, mode, uid } = read.value
  const trusted = uid === 0 || uid === process.geteuid?.()
  return { kind: 'read', path, content, isPrivate: (mode & 0o077) === 0, ownedByRoot: trusted }
}
