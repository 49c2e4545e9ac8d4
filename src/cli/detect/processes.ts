import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Listening } from './facts.ts'
import { interpretProcNetTcp } from './interpret-network.ts'

/** Looks at /proc. What cannot be read (it ended, or is another user's) is left out. */

export type MainProcess = {
  readonly pid: number
  /** Path of the program. */
  readonly program: string
  /** `nginx: master process /usr/sbin/nginx -c /etc/nginx/other.conf` as words. */
  readonly argv: readonly string[]
}

/** Processes of these names whose parent is none of them: one for each running server of this network namespace. */
export async function findMainProcesses(names: readonly string[]): Promise<MainProcess[]> {
  const [own, entries] = await Promise.all([
    readlink('/proc/self/ns/net').catch(() => ''),
    readdir('/proc').catch(() => []),
  ])
  const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number)
  const named = (await Promise.all(pids.map((pid) => readStat(pid, names)))).filter((stat) => stat !== undefined)
  const known = new Set(named.map(({ pid }) => pid))
  const mains = named.filter(({ parent }) => !known.has(parent))
  const found = await Promise.all(mains.map(({ pid }) => describeMain(pid, own)))
  return found.filter((main) => main !== undefined).toSorted((a, b) => a.pid - b.pid)
}

async function readStat(pid: number, names: readonly string[]): Promise<{ pid: number; parent: number } | undefined> {
  const match = /^\d+ \((.*)\) (\S) (\d+) /s.exec(await readText(`/proc/${pid}/stat`))
  const isWanted = match?.[1] !== undefined && names.includes(match[1]) && match[2] !== 'Z'
  return isWanted ? { pid, parent: Number(match[3]) } : undefined
}

async function describeMain(pid: number, namespace: string): Promise<MainProcess | undefined> {
  const [program, net, line] = await Promise.all([
    readlink(`/proc/${pid}/exe`).catch(() => ''),
    readlink(`/proc/${pid}/ns/net`).catch(() => ''),
    readText(`/proc/${pid}/cmdline`),
  ])
  // One in a container serves other addresses.
  if (net !== namespace || program === '') return undefined
  return {
    pid,
    program: program.replace(/ \(deleted\)$/, ''),
    argv: line.split(/[\0 ]+/).filter((word) => word !== ''),
  }
}

/** The main process keeps the listening sockets open; its workers inherit them. */
export async function listeningOf(pid: number): Promise<Listening[]> {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []).map(Number))
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readText(`/proc/${pid}/net/${table}`)))
  const own = tables.flatMap(interpretProcNetTcp).filter(({ inode }) => inodes.has(inode))
  return own.map(({ address, port }) => ({ address, port }))
}

const readText = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
