import { rm } from 'node:fs/promises'
import { EXIT, UserError } from '../../shared/errors.ts'
import type { ManifestFile } from './init-manifest.ts'
import { readAccess, readExisting, writeFileAtomically } from './init-write.ts'

/** Makes a file what it was before init: content, mode, owner, link, or not there. */
export async function restoreFile({ path, before, before_link: link, backup }: ManifestFile): Promise<void> {
  if (link !== null) await writeFileAtomically({ path, content: link, mode: 0o777, isLink: true })
  else if (before === null) await rm(path, { force: true })
  else if (backup !== null) await restoreFrom(backup, path)
}

async function restoreFrom(backup: string, path: string): Promise<void> {
  const content = await readExisting(backup)
  if (content === undefined) {
    throw new UserError(`the copy ${backup} is gone: ${path} cannot be restored`, {
      code: 'init.undo-copy',
      exitCode: EXIT.environment,
      nextSteps: [`restore ${path} by hand, then remove it from the manifest`],
    })
  }
  await writeFileAtomically({ path, content, ...(await readAccess(backup)) })
}

/** The copies that are of no use once the file is as it was. */
export async function removeCopies({ backup, copies }: Pick<ManifestFile, 'backup' | 'copies'>): Promise<void> {
  for (const copy of backup === null ? copies : [backup, ...copies]) await rm(copy, { force: true })
}
