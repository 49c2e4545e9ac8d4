import { randomInt } from 'node:crypto'
import type { Result } from '../shared/result.ts'
import type { Micros } from '../shared/units.ts'
import type { InstancePlan } from './core/types.ts'
import type { Counters } from './counters.ts'
import type { VrrpLink } from './ports.ts'
import { encodeAdvertPacket, VRRP_GROUP } from './vrrp/packet.ts'

/** After so many in a row that could not be sent, other nodes have stopped waiting for us. */
const UNABLE_AFTER = 3

export type AdvertSenderOptions = {
  readonly plan: () => InstancePlan
  readonly counters: Counters
  readonly link: () => VrrpLink | undefined
  readonly now: () => Micros
  /** A master whom nobody hears is none: called at every third failure in a row. */
  readonly onUnable: (message: string) => void
  /** The first that was sent after that. */
  readonly onAble: () => void
}

/** Sends one advert; the instant before it left and the number in its IP header, or why it did not. */
export type AdvertSender = (priority: number) => Result<{ readonly at: Micros; readonly id: number }, string>

export function createAdvertSender({ plan, counters, link, now, onUnable, onAble }: AdvertSenderOptions): AdvertSender {
  // So that adverts of an earlier life are not taken for ours.
  let identification = randomInt(0xffff)
  let failures = 0

  return (priority) => {
    const { router, interface: name } = plan()
    identification = (identification % 0xffff) + 1
    const begun = now()
    const sent = link()?.send(encodeAdvertPacket(router, priority, identification), VRRP_GROUP)
    if (sent?.ok === true) {
      const wasUnable = failures >= UNABLE_AFTER
      failures = 0
      counters.count('adverts_sent')
      if (priority === 0) counters.count('priority_zero_sent')
      if (wasUnable) onAble()
      return { ok: true, value: { at: begun, id: identification } }
    }
    const error = sent?.error ?? 'no socket'
    counters.count('send_errors')
    failures += 1
    if (failures % UNABLE_AFTER === 0) onUnable(`adverts cannot be sent on ${name}: ${error}`)
    return { ok: false, error }
  }
}
