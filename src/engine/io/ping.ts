import { randomBytes } from 'node:crypto'
import { type Bounds, bad, good, stopwatch, type Verdict, within } from '../../probes/attempt.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import { formatDuration } from '../../shared/units.ts'
import { decodeEchoReply, echoRequest } from './icmp.ts'
import { text, u32 } from './netlink-message.ts'
import { openRawIp, type SocketOption } from './raw-ip.ts'

const ICMP = 1
// asm-generic/socket.h, linux/icmp.h
const SOL_SOCKET = 1
const SO_BINDTODEVICE = 25
const SOL_RAW = 255
const ICMP_FILTER = 1
/** A bit for each type that is kept away: all but echo replies. */
const REPLIES_ONLY = 0xffff_fffe
/** One that is lost must not count. */
const TRIES = 2

/** ICMP echo, twice at most. Needs CAP_NET_RAW. */
export function ping(
  target: { readonly address: Ipv4; readonly interface: string | undefined },
  bounds: Bounds,
): Promise<Verdict> {
  const took = stopwatch()
  const mark = randomBytes(12)
  return new Promise((resolve) => {
    const options: readonly SocketOption[] = [
      [SOL_RAW, ICMP_FILTER, u32(REPLIES_ONLY)],
      ...(target.interface === undefined ? [] : [[SOL_SOCKET, SO_BINDTODEVICE, text(target.interface)] as const]),
    ]
    const onPacket = (packet: Uint8Array): void => {
      const reply = decodeEchoReply(packet)
      if (reply === undefined || reply.from !== target.address || !mark.equals(reply.mark)) return
      end(good(`answered in ${formatDuration(took())}`))
    }
    const opened = openRawIp({ protocol: ICMP, socketOptions: options, optional: [] }, onPacket, (error) =>
      end(bad(error)),
    )
    if (!opened.ok) return resolve(bad(opened.error))
    const end = (verdict: Verdict): void => {
      clearInterval(again)
      bounds.signal.removeEventListener('abort', giveUp)
      opened.value.close()
      resolve(verdict)
    }
    let sent = 0
    const send = (): void => {
      sent += 1
      if (sent === TRIES) clearInterval(again)
      const done = opened.value.send(echoRequest(mark.readUInt32BE(0), mark), target.address)
      if (!done.ok) end(bad(done.error))
    }
    const giveUp = (): void => end(bad(within('no answer', bounds)))
    const again = setInterval(send, bounds.limit / 1_000 / TRIES)
    bounds.signal.addEventListener('abort', giveUp)
    if (bounds.signal.aborted) giveUp()
    else send()
  })
}
