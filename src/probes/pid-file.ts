import { constants, open } from 'node:fs/promises'
import { messageOf } from '../shared/errors.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { codeOf } from './attempt.ts'

/** The number in a pid file; the error says what is wrong with the file. */
export async function readPidFile(path: string): Promise<Result<number, string>> {
  const text = await readStart(path)
  if (!text.ok) return text
  const pid = /^\s*(\d{1,10})\s*$/.exec(text.value)?.[1]
  if (pid === undefined || Number(pid) < 1) return err(`${path} does not hold a process number`)
  return ok(Number(pid))
}

/** A pid file is a few bytes: of whatever else stands there no more is read, and a FIFO is not waited for. */
const MAX_BYTES = 64

async function readStart(path: string): Promise<Result<string, string>> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0)
    return ok(buffer.toString('utf8', 0, bytesRead))
  } catch (error) {
    return err(codeOf(error) === 'ENOENT' ? `there is no pid file ${path}` : `pid file ${path}: ${messageOf(error)}`)
  }
}
