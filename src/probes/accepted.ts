import { readFile } from 'node:fs/promises'

/**
 * Whether a server of this box has taken a connection that the kernel made for it. One that hangs accepts none; one that is
 * slow, or waits for another server, does. Read from /proc/net/tcp: what waits in the queue of a listening socket has no
 * inode yet. undefined: there is no telling, as with a server elsewhere.
 */
export async function isAccepted(serverPort: number, clientPort: number): Promise<boolean | undefined> {
  for (const name of ['tcp', 'tcp6']) {
    const table = await readFile(`/proc/net/${name}`, 'utf8').catch(() => '')
    const found = acceptedIn(table, serverPort, clientPort)
    if (found !== undefined) return found
  }
  return undefined
}

/** The same from one table of the kernel's; pure. */
export function acceptedIn(table: string, serverPort: number, clientPort: number): boolean | undefined {
  const [own, other] = [`:${hex(serverPort)}`, `:${hex(clientPort)}`]
  for (const line of table.split('\n')) {
    const [, local = '', remote = '', state, , , , , , inode] = line.trim().split(/\s+/)
    if (state === ESTABLISHED && local.endsWith(own) && remote.endsWith(other)) return inode !== '0'
  }
  return undefined
}

/** TCP_ESTABLISHED of include/net/tcp_states.h */
const ESTABLISHED = '01'

const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')
