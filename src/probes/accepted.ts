import { ESTABLISHED, portText, readTcpSockets, type TcpSocket } from './tcp-table.ts'

/**
 * Whether a server of this box has taken a connection that the kernel made for it. One that hangs accepts none; one that is
 * slow, or waits for another server, does. undefined: there is no telling, as with a server elsewhere.
 */
export const isAccepted = async (serverPort: number, clientPort: number): Promise<boolean | undefined> =>
  acceptedAmong(await readTcpSockets(), serverPort, clientPort)

/** The same from what the kernel has; pure. */
export function acceptedAmong(
  sockets: readonly TcpSocket[],
  serverPort: number,
  clientPort: number,
): boolean | undefined {
  const [own, other] = [portText(serverPort), portText(clientPort)]
  const found = sockets.find(
    ({ localPort, remotePort, state }) => state === ESTABLISHED && localPort === own && remotePort === other,
  )
  return found && found.inode !== '0'
}
