import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { messageOf } from './errors.ts'
import { err, ok, type Result } from './result.ts'

export type RegularFile = { readonly content: Uint8Array; readonly mode: number; readonly uid: number }

/** `message` continues the name of the file; `code` is an errno name, where the system refused. */
export type Unreadable = { readonly message: string; readonly code?: string }

/**
 * Reads a file of at most `limit` bytes. A FIFO, a device or a directory is refused at once: nobody waits for a writer, and
 * nothing without an end is read. Mode and content come from one open file, so that what was checked is what was read.
 */
export async function readRegular(path: string, limit: number): Promise<Result<RegularFile, Unreadable>> {
  try {
    // What is no regular file is not waited for; for a regular one this changes nothing.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    const found = await handle.stat()
    if (!found.isFile()) return err({ message: `is ${kindOf(found)}, no file` })
    const content = found.size > limit ? undefined : await readAll(handle, limit)
    if (content === undefined) return err({ message: `is larger than ${limit} bytes` })
    return ok({ content, mode: found.mode, uid: found.uid })
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? { code: String(thrown.code) } : {}
    return err({ message: `cannot be read: ${messageOf(thrown)}`, ...code })
  }
}

/** Undefined when there is more than `limit`. */
async function readAll(handle: FileHandle, limit: number): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(limit + 1)
  let length = 0
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length)
    length += bytesRead
    if (length > limit) return undefined
    if (bytesRead === 0) return buffer.slice(0, length)
  }
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a directory'
  if (found.isFIFO()) return 'a FIFO'
  return found.isSocket() ? 'a socket' : 'a device'
}
