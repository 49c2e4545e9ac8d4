import { statSync } from 'node:fs'
import { join } from 'node:path'
import { errnoCode, native } from '../../native/index.ts'
import { messageOf } from '../../shared/errors.ts'
import { err, ok, type Result } from '../../shared/result.ts'

/** Only root can make a file here, so that nobody else can take the lock first. */
const DIRECTORY = '/run'

/** One for each network namespace. */
export const lockPath = (directory = DIRECTORY): string =>
  join(directory, `haup-${statSync('/proc/self/ns/net').ino}.lock`)

/** A file for what engines of this network namespace leave for those that come after them. */
export const besideLock = (what: string, directory?: string): string => lockPath(directory).replace(/lock$/, what)

/**
 * Two engines in one network namespace would fight over addresses and sockets: the first one holds this lock, and the
 * kernel frees it the moment that one dies. The file stays: removing it would let two hold it. The error is 'held' or the
 * reason why it could not be tried.
 */
export async function lockEngine(directory = DIRECTORY): Promise<Result<{ readonly release: () => void }, string>> {
  let path = directory
  try {
    path = lockPath(directory)
    const descriptor = native().lockFile(path)
    return ok({ release: () => native().closeDescriptor(descriptor) })
  } catch (thrown) {
    if (errnoCode(thrown) === undefined) throw thrown
    return err(errnoCode(thrown) === 'EAGAIN' ? 'held' : `${path}: ${messageOf(thrown)}`)
  }
}
