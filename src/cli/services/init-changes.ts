import { describeChanges } from './init-diff.ts'
import { isSecret, type PlannedFile } from './init-side.ts'
import { readExisting } from './init-write.ts'

/** A planned file beside what is there now. */
export type Change = {
  readonly file: PlannedFile
  readonly existing: string | undefined
  readonly status: 'new' | 'changed' | 'unchanged'
}

export async function compareFiles(files: readonly PlannedFile[]): Promise<Change[]> {
  return Promise.all(
    files.map(async (file) => {
      const existing = await readExisting(file.path, file.isLink)
      const status = existing === undefined ? 'new' : existing === file.content ? 'unchanged' : 'changed'
      return { file, existing, status }
    }),
  )
}

/** One line each, for an overview. PURE. */
export const listChanges = (changes: readonly Change[]): string[] =>
  changes.map(
    ({ file, status }) => `${status.padEnd(9)} ${file.path}${file.isLink === true ? ` -> ${file.content}` : ''}`,
  )

/** The whole of what is new, the difference of what changes. PURE. */
export const showChanges = (changes: readonly Change[]): string[] =>
  changes
    .filter(({ status, file }) => status !== 'unchanged' && file.isLink !== true)
    .flatMap(({ file, existing }) => describeChanges({ ...file, isSecret: isSecret(file) }, existing ?? ''))
