import { constants } from 'node:fs'
import { chown, copyFile, mkdir, open, readFile, readlink, rename, rm, rmdir, stat, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { toUserError } from '../../config/format.ts'
import { loadConfig } from '../../config/load.ts'
import { EXIT, messageOf, UserError } from '../../shared/errors.ts'

/** A file to be put in place. */
export type NewFile = {
  readonly path: string
  /** Of a link: where it leads. */
  readonly content: string
  readonly mode: number
  readonly isLink?: boolean
  /** Undefined: whoever writes. */
  readonly owner?: Owner
}

export type Owner = { readonly uid: number; readonly gid: number }

/** The content of a file, or where a link leads; undefined when there is none. */
export async function readExisting(path: string, isLink = false): Promise<string | undefined> {
  try {
    return await (isLink ? readlink(path) : readFile(path, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw cannot('read', path, error)
  }
}

/** Permission bits, and whose it is. */
export async function readAccess(path: string): Promise<Required<Pick<NewFile, 'mode' | 'owner'>>> {
  const { mode, uid, gid } = await stat(path)
  return { mode: mode & 0o7777, owner: { uid, gid } }
}

/** Where a link leads; null: it is none. */
export const readLink = (path: string): Promise<string | null> => readlink(path).catch(() => null)

/** Keeps the present file beside itself, with its mode and owner; returns the copy's path. */
export async function backUp(path: string, at: Date): Promise<string> {
  const stamp = at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '')
  for (let attempt = 0; ; attempt++) {
    const copy = `${path}.bak-${stamp}${attempt === 0 ? '' : `-${attempt}`}`
    try {
      await copyFile(path, copy, constants.COPYFILE_EXCL)
      const { owner } = await readAccess(path)
      await chown(copy, owner.uid, owner.gid)
      return copy
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EEXIST'
      if (!isTaken || attempt === 99) throw cannot('keep a copy of', path, error)
    }
  }
}

/** All or nothing for each file: written under another name, synced, moved in place. */
export async function writeFileAtomically(file: NewFile): Promise<void> {
  const temporary = await writeTemporary(file)
  await moveInPlace(temporary, file.path)
}

/** Like `writeFileAtomically`, and what was written is loaded and checked before it is moved in place. */
export async function writeConfigAtomically(file: NewFile): Promise<void> {
  const temporary = await writeTemporary(file)
  const loaded = await loadConfig(temporary)
  if (!loaded.ok) {
    await rm(temporary, { force: true })
    throw toUserError(loaded.error.map((problem) => ({ ...problem, place: { ...problem.place, file: file.path } })))
  }
  await moveInPlace(temporary, file.path)
}

async function writeTemporary({ path, content, mode, isLink, owner }: NewFile): Promise<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.new`)
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 })
    await rm(temporary, { force: true })
    if (isLink === true) {
      await symlink(content, temporary)
      return temporary
    }
    await using handle = await open(temporary, 'wx', mode)
    if (owner !== undefined) await handle.chown(owner.uid, owner.gid)
    await handle.chmod(mode)
    await handle.writeFile(content)
    await handle.sync()
    return temporary
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw cannot('write', path, error)
  }
}

/** The directory is synced too: only then does the new name survive a power cut. */
async function moveInPlace(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path)
    await using directory = await open(dirname(path), 'r')
    await directory.sync()
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw cannot('write', path, error)
  }
}

/** The directories that writing `path` will have to make, outer ones first. */
export async function missingDirectories(path: string): Promise<string[]> {
  const directory = dirname(path)
  const exists = await stat(directory).then(
    () => true,
    () => false,
  )
  return exists || directory === path ? [] : [...(await missingDirectories(directory)), directory]
}

/** Those of them that are empty; what somebody else has put there since stays, with its directory. */
export async function removeEmptyDirectories(directories: readonly string[]): Promise<void> {
  for (const directory of directories.toReversed()) await rmdir(directory).catch(() => undefined)
}

const cannot = (verb: string, path: string, cause: unknown): UserError =>
  new UserError(`cannot ${verb} ${path}: ${messageOf(cause)}`, {
    code: 'init.file',
    exitCode: EXIT.environment,
    nextSteps: ['run it as root, or choose another file with --config'],
    cause,
  })
