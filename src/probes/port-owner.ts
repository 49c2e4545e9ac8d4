import { readdir, readFile, readlink } from 'node:fs/promises'
import { listProcesses, type ProcessEntry } from './process-table.ts'
import { LISTEN, portText, readTcpSockets, type TcpSocket } from './tcp-table.ts'

/** Sockets that listen on a port, by their inodes; pure. */
export const listenersOf = (sockets: readonly TcpSocket[], port: number): readonly string[] =>
  sockets.filter(({ localPort, state }) => state === LISTEN && localPort === portText(port)).map(({ inode }) => inode)

/**
 * The processes that hold a listening socket of this port and are no worker of another one that does: a running server has
 * one. Workers whose main process has ended are left out as far as they can be told: they call themselves so, or there
 * are several. undefined: nobody listens. Sockets of another process are seen with CAP_SYS_PTRACE, or all of its rights.
 */
export async function findPortOwners(port: number): Promise<readonly ProcessEntry[] | undefined> {
  const wanted = new Set(listenersOf(await readTcpSockets(), port).map((inode) => `socket:[${inode}]`))
  if (wanted.size === 0) return undefined
  const all = await listProcesses()
  const holds = await Promise.all(all.map(({ pid }) => holdsOneOf(pid, wanted)))
  const owners = all.filter((_, index) => holds[index] === true)
  const known = new Set(owners.map(({ pid }) => pid))
  const heads = owners.filter(({ parent }) => !known.has(parent))
  const titles = await Promise.all(heads.map(({ pid }) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  const mains = heads.filter((_, index) => !/^[\w-]+: worker/.test(titles[index] ?? ''))
  const parents = new Set(owners.map(({ parent }) => parent))
  const withWorkers = mains.filter(({ pid }) => parents.has(pid))
  return withWorkers.length > 0 ? withWorkers : mains.length === 1 ? mains : []
}

async function holdsOneOf(pid: number, wanted: ReadonlySet<string>): Promise<boolean> {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  return links.some((link) => wanted.has(link))
}
