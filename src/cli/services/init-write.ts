import { constants } from 'node:fs'
import { copyFile, mkdir, open, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
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
}

/** The content of a file, or where a link leads; undefined when there is none. */
export async function readExisting(path: string, isLink = false): Promise<string | undefined> {
  try {
    return await (isLink ? readlink(path) : readFile(path, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw cannot('read', path, error)
  }
}

/** Permission bits. */
export const readMode = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777

/** Keeps the present file beside itself; returns the copy's path. */
export async function backUp(path: string, at: Date): Promise<string> {
  const stamp = at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '')
  for (let attempt = 0; ; attempt++) {
    const copy = `${path}.bak-${stamp}${attempt === 0 ? '' : `-${attempt}`}`
    try {
      await copyFile(path, copy, constants.COPYFILE_EXCL)
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

async function writeTemporary({ path, content, mode, isLink }: NewFile): Promise<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.new`)
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 })
    await rm(temporary, { force: true })
    if (isLink === true) {
      await symlink(content, temporary)
      return temporary
    }
    await using handle = await open(temporary, 'wx', mode)
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

const cannot = (verb: string, path: string, cause: unknown): UserError =>
  new UserError(`cannot ${verb} ${path}: ${messageOf(cause)}`, {
    code: 'init.file',
    exitCode: EXIT.environment,
    nextSteps: ['run it as root, or choose another file with --config'],
    cause,
  })
