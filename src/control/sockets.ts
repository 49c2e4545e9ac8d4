import { once } from 'node:events'
import { chmod, chown, lstat, mkdir, readFile, unlink } from 'node:fs/promises'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { EXIT, messageOf, UserError } from '../shared/errors.ts'
import { hasUnit } from './unit.ts'

/** The group whose members may ask for the status. */
const GROUP = 'haup'

/** `sun_path` of unix(7) holds 108 bytes with the final zero. */
const MAX_PATH = 107

/** Who may connect: the owner alone, or the group `haup` too (where it does not exist: the owner alone). */
export type Access = 'owner' | 'group'

/** Makes the directory of the sockets; refuses one in which others could replace them. */
export async function prepareRunDir(runDir: string): Promise<void> {
  try {
    const made = await mkdir(runDir, { recursive: true, mode: 0o755 })
    if (made !== undefined) await chmod(runDir, 0o755)
    const { mode, uid } = await lstatDirectory(runDir)
    if (uid !== process.geteuid?.()) throw unusable(runDir, 'belongs to another user', `chown root: ${runDir}`)
    if ((mode & 0o022) !== 0) throw unusable(runDir, 'can be written to by others', `chmod 755 ${runDir}`)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw unusable(runDir, messageOf(error), 'choose another directory: --run-dir DIR')
  }
}

/**
 * Listens on `path`. A socket that a dead engine left is replaced; with a living one there it throws UserError
 * `engine.already-running`.
 */
export async function listenOn(server: Server, path: string, access: Access): Promise<{ close: () => Promise<void> }> {
  if (Buffer.byteLength(path) > MAX_PATH) throw unusable(path, 'too long for a socket', 'choose a shorter --run-dir')
  if (await isAlive(path)) throw alreadyRunning(path)
  const listening = once(server, 'listening')
  try {
    listenPrivately(server, path)
    await listening
    await grant(path, access)
  } catch (error) {
    server.close()
    throw isErrno(error, 'EADDRINUSE') ? alreadyRunning(path) : unusable(path, messageOf(error), `remove ${path}`)
  }
  return { close: () => close(server) }
}

/** Nobody can connect before the mode is set: the socket is born 0600. */
function listenPrivately(server: Server, path: string): void {
  const umask = process.umask(0o177)
  try {
    server.listen({ path })
  } finally {
    process.umask(umask)
  }
}

async function grant(path: string, access: Access): Promise<void> {
  const gid = access === 'group' ? await findGroup(GROUP) : undefined
  if (gid === undefined) return chmod(path, 0o600)
  await chown(path, -1, gid)
  await chmod(path, 0o660)
}

async function findGroup(name: string): Promise<number | undefined> {
  const lines = (await readFile('/etc/group', 'utf8')).split('\n').map((line) => line.split(':'))
  const gid = lines.find(([group]) => group === name)?.[2]
  return gid !== undefined && /^\d+$/.test(gid) ? Number(gid) : undefined
}

/** Connects, to see whether somebody listens; takes the socket of a dead engine away. */
async function isAlive(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return false
  if (!found.isSocket()) throw unusable(path, 'is in the way and is no socket', `look at it and remove it: ${path}`)
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    if (!isErrno(error, 'ECONNREFUSED') && !isErrno(error, 'ENOENT')) return true
  } finally {
    socket.destroy()
  }
  await unlink(path).catch(() => undefined)
  return false
}

async function lstatDirectory(path: string): Promise<{ mode: number; uid: number }> {
  const found = await lstat(path)
  if (!found.isDirectory()) throw unusable(path, 'is no directory', 'choose another directory: --run-dir DIR')
  return found
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

const alreadyRunning = (path: string): UserError =>
  new UserError(`another engine runs here already: it listens on ${path}`, {
    code: 'engine.already-running',
    exitCode: EXIT.environment,
    nextSteps: ['see what it does: haup status', hasUnit() ? 'end it first: systemctl stop haup' : 'end it first'],
  })

const unusable = (path: string, why: string, step: string): UserError =>
  new UserError(`${path} cannot be used: ${why}`, {
    code: 'engine.run-dir',
    exitCode: EXIT.environment,
    nextSteps: [step],
  })
