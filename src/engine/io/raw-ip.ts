import { createSocket, type Socket, type SocketWrap } from 'raw-socket'
import { native } from '../../native/index.ts'
import { messageOf } from '../../shared/errors.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import { err, ok, type Result } from '../../shared/result.ts'

/**
 * The only file that uses the npm package `raw-socket`: a raw IPv4 socket of one protocol whose packets carry their own
 * IP header both ways (raw(7)). Needs CAP_NET_RAW.
 *
 * The package's own queue and 'message' event are passed by: its queue sends at some later turn of the loop, its event
 * reads one packet per turn into a buffer that the next packet overwrites, and a failing socket closes itself and comes
 * back without its options when it is used again.
 */

/** setsockopt(2): level, option, value. */
export type SocketOption = readonly [level: number, option: number, value: number | Uint8Array]

export type RawIp = {
  /** In the kernel when this returns. The error is an errno name and its text. */
  readonly send: (packet: Uint8Array, destination: Ipv4) => Result<void, string>
  readonly close: () => void
}

type RawIpOptions = {
  readonly protocol: number
  /** A failing one fails the opening, except those marked optional. */
  readonly socketOptions: readonly SocketOption[]
  readonly optional: readonly SocketOption[]
}

const LARGEST_PACKET = 4_096
/** Packets taken per turn of the loop: a burst is drained at once, a flood leaves time for the timers. */
const BATCH = 64
const NOTHING_TO_READ = 'Resource temporarily unavailable'

export function openRawIp(
  options: RawIpOptions,
  onPacket: (packet: Uint8Array) => void,
  onFailure: (message: string) => void,
  create: typeof createSocket = createSocket,
): Result<RawIp, string> {
  let socket: Socket
  try {
    socket = create({ protocol: options.protocol, bufferSize: LARGEST_PACKET })
  } catch (thrown) {
    return err(describe(messageOf(thrown)))
  }
  socket.wrap.removeAllListeners('recvReady')
  try {
    // The package opens it inheritable: without this, the web server that a restart starts would hold it too.
    native().sealRawSockets(options.protocol)
    configure(socket.wrap, options)
  } catch (thrown) {
    socket.close()
    return err(describe(messageOf(thrown)))
  }
  return ok(operate(socket, onPacket, onFailure))
}

function configure(wrap: SocketWrap, options: RawIpOptions): void {
  for (const option of options.optional) {
    try {
      setOption(wrap, option)
    } catch {
      // Best effort by declaration: the socket works without it.
    }
  }
  for (const option of options.socketOptions) setOption(wrap, option)
  // What came in before the options were set may be from anywhere.
  while (readBatch(wrap).length === BATCH);
}

function setOption(wrap: SocketWrap, [level, option, value]: SocketOption): void {
  if (typeof value === 'number') wrap.setOption(level, option, value)
  else wrap.setOption(level, option, value, value.length)
}

function operate(socket: Socket, onPacket: (packet: Uint8Array) => void, onFailure: (message: string) => void): RawIp {
  let closed = false
  open.add(socket)
  const close = (): void => {
    if (closed) return
    closed = true
    open.delete(socket)
    socket.close()
  }
  const fail = (message: string): void => {
    if (closed) return
    close()
    onFailure(message)
  }
  socket.on('error', (error) => setImmediate(fail, describe(error.message)))
  // The package calls without an async context, in which promises would not go on: deliver from one.
  const deliver = (packets: readonly Uint8Array[]): void => {
    for (const packet of packets) if (!closed) onPacket(packet)
  }
  socket.wrap.on('recvReady', () => {
    if (closed) return
    try {
      setImmediate(deliver, readBatch(socket.wrap))
    } catch (thrown) {
      setImmediate(fail, describe(messageOf(thrown)))
    }
  })
  return {
    send: (packet, destination) => (closed ? err('the socket is closed') : send(socket.wrap, packet, destination)),
    close,
  }
}

/** Open sockets: the package lets the garbage collector close one that nobody refers to. */
const open = new Set<Socket>()

function send(wrap: SocketWrap, packet: Uint8Array, destination: Ipv4): Result<void, string> {
  let sent = 0
  try {
    wrap.send(packet, 0, packet.length, destination, (bytes) => {
      sent = bytes
    })
  } catch (thrown) {
    return err(describe(messageOf(thrown)))
  }
  return sent === packet.length ? ok(undefined) : err(`only ${sent} of ${packet.length} bytes were sent`)
}

/** Up to BATCH packets, each in memory of its own. */
function readBatch(wrap: SocketWrap): readonly Uint8Array[] {
  const packets: Uint8Array[] = []
  try {
    while (packets.length < BATCH) {
      wrap.recv(buffer, (bytes, length) => packets.push(Uint8Array.prototype.slice.call(bytes, 0, length)))
    }
  } catch (thrown) {
    if (messageOf(thrown) !== NOTHING_TO_READ) throw thrown
  }
  return packets
}

const buffer = Buffer.alloc(LARGEST_PACKET)

const ERRNO_OF: Readonly<Record<string, string>> = {
  'Operation not permitted': 'EPERM',
  'Permission denied': 'EACCES',
  'No such device': 'ENODEV',
  'No such device or address': 'ENXIO',
  'Invalid argument': 'EINVAL',
  'Network is down': 'ENETDOWN',
  'Network is unreachable': 'ENETUNREACH',
  'No route to host': 'EHOSTUNREACH',
  'No buffer space available': 'ENOBUFS',
  'Resource temporarily unavailable': 'EAGAIN',
  'Message too long': 'EMSGSIZE',
  'Cannot assign requested address': 'EADDRNOTAVAIL',
  '-9': 'EBADF',
}

/** The package tells strerror(3)'s text (or libuv's number) only; people search for the errno name. */
export const describe = (message: string): string => {
  const code = ERRNO_OF[message]
  return code === undefined ? message : code === 'EBADF' ? `${code} (the socket failed)` : `${code} (${message})`
}
