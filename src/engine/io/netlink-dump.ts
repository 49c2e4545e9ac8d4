import { err, type Result } from '../../shared/result.ts'
import type { NetlinkSocket } from './netlink.ts'
import type { NetlinkFailure } from './netlink-exchange.ts'
import type { NetlinkMessage, NetlinkRequest } from './netlink-message.ts'

/** Interruptions in a row that are forgiven: each means that the kernel's tables changed while they were read. */
const ATTEMPTS = 5

/** A consistent dump: asked for again when it was interrupted. */
export async function dumpOnce(
  socket: NetlinkSocket,
  request: NetlinkRequest,
): Promise<Result<readonly NetlinkMessage[], NetlinkFailure>> {
  for (let attempt = 1; ; attempt += 1) {
    const [reply] = await socket.transact([request])
    if (reply === undefined) return err({ code: 'EBADMSG', message: 'no reply' })
    if (reply.ok || reply.error.code !== 'DUMP_INTERRUPTED' || attempt === ATTEMPTS) return reply
  }
}
