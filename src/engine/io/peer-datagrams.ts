import { createSocket, type Socket } from 'node:dgram'
import { errnoCode } from '../../native/index.ts'
import type { Ipv4 } from '../../shared/ip.ts'

/** UDP of the peer channel: one socket for each of our own addresses, whatever becomes of them. */

/** How long until an address or a port that could not be had is tried again. */
const RETRY_MS = 1_000
/** Hundreds of reports may wait while the loop is busy; a flood takes no more. */
const RECEIVE_BUFFER = 1 << 18

export type Datagrams = {
  /** Sends from one of our addresses; tells `onSent` whether the kernel took it. */
  readonly send: (local: Ipv4, remote: Ipv4, bytes: Uint8Array) => void
  /** From now on these addresses; sockets of the same address stay. */
  readonly follow: (locals: readonly Ipv4[], port: number) => void
  /** Why an address cannot be used now: an errno name. */
  readonly problem: (local: Ipv4) => string | undefined
  readonly close: () => void
}

type Handlers = {
  readonly onDatagram: (local: Ipv4, remote: Ipv4, bytes: Uint8Array) => void
  readonly onSent: (taken: boolean) => void
}

export function openDatagrams(handlers: Handlers): Datagrams {
  const ears = new Map<Ipv4, Ear>()
  let port = 0
  const closeAll = (): void => {
    for (const ear of ears.values()) ear.close()
    ears.clear()
  }
  return {
    follow: (locals, nextPort) => {
      if (nextPort !== port) closeAll()
      port = nextPort
      for (const [local, ear] of ears) {
        if (locals.includes(local)) continue
        ear.close()
        ears.delete(local)
      }
      for (const local of locals) {
        if (!ears.has(local)) ears.set(local, openEar(local, port, handlers))
      }
    },
    send: (local, remote, bytes) => {
      const socket = ears.get(local)?.socket()
      if (socket === undefined) handlers.onSent(false)
      else sendBy(socket, bytes, port, remote, handlers.onSent)
    },
    problem: (local) => ears.get(local)?.problem(),
    close: closeAll,
  }
}

/** Errors of the route come by the callback; a socket that is closing throws. */
function sendBy(socket: Socket, bytes: Uint8Array, port: number, to: Ipv4, onSent: (taken: boolean) => void): void {
  try {
    socket.send(bytes, port, to, (error) => onSent(error === null))
  } catch (thrown) {
    if (errnoCode(thrown) === undefined) throw thrown
    onSent(false)
  }
}

type Ear = {
  /** Undefined while it is not bound. */
  readonly socket: () => Socket | undefined
  readonly problem: () => string | undefined
  readonly close: () => void
}

function openEar(local: Ipv4, port: number, { onDatagram }: Handlers): Ear {
  let current: Socket | undefined
  let bound = false
  let problem: string | undefined
  let retry: NodeJS.Timeout | undefined

  const open = (): void => {
    retry = undefined
    // The address is one already: without a look-up, what is sent leaves at once.
    const socket = createSocket({ type: 'udp4', lookup: (host, _, done) => done(null, host, 4) })
    current = socket
    socket.on('message', (bytes, from) => onDatagram(local, from.address as Ipv4, bytes))
    socket.on('error', (error) => fail(socket, error))
    socket.bind({ address: local, port, exclusive: true }, () => {
      bound = true
      problem = undefined
      makeRoom(socket)
    })
  }
  const fail = (socket: Socket, error: Error): void => {
    socket.close()
    if (current !== socket) return
    problem = errnoCode(error) ?? error.message
    current = undefined
    bound = false
    retry = setTimeout(open, RETRY_MS)
  }
  open()
  return {
    socket: () => (bound ? current : undefined),
    problem: () => problem,
    close: () => {
      clearTimeout(retry)
      current?.close()
      current = undefined
      bound = false
    },
  }
}

function makeRoom(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER)
  } catch {
    // The kernel's own size does as well.
  }
}
