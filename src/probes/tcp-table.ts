import { readFile } from 'node:fs/promises'

/** The kernel's tables of TCP sockets, /proc/net/tcp and tcp6, as far as anybody here needs them. */

export type TcpSocket = {
  readonly localPort: string
  readonly remotePort: string
  readonly state: string
  /** '0' while a connection waits in the queue of a listening socket: nobody has accepted it. */
  readonly inode: string
}

/** include/net/tcp_states.h */
export const ESTABLISHED = '01'
export const LISTEN = '0A'

/** As the tables write it. */
export const portText = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')

/** Of both families; a table that cannot be read has no sockets. */
export async function readTcpSockets(): Promise<readonly TcpSocket[]> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  return tables.flatMap(parseTcpTable)
}

/** Pure; the heading is no socket. */
export const parseTcpTable = (table: string): readonly TcpSocket[] =>
  table.split('\n').flatMap((line) => {
    const [, local = '', remote = '', state, , , , , , inode] = line.trim().split(/\s+/)
    if (state === undefined || inode === undefined || !/^\d+$/.test(inode)) return []
    return [{ localPort: portOf(local), remotePort: portOf(remote), state, inode }]
  })

const portOf = (place: string): string => place.slice(place.lastIndexOf(':') + 1)
