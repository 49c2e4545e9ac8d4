import type { Log } from '../shared/log.ts'
import { printable } from '../shared/log.ts'
import type { EngineEvent, InstancePlan } from './core/types.ts'
import type { Counters } from './counters.ts'
import { decodeAdvertPacket } from './vrrp/packet.ts'
import type { RejectReason } from './vrrp/types.ts'

type Now = EngineEvent['now']

export type Receiver = {
  /** One IPv4 packet from an interface's VRRP socket; bad ones are counted and said once per kind and sender. */
  readonly receive: (interfaceName: string, packet: Uint8Array) => void
  /** Lets bad packets be said again (after a state change). */
  readonly rearm: (instance: string) => void
}

/** How many different complaints are remembered before old ones may be said again. */
const REMEMBERED = 64

export function createReceiver(options: {
  readonly instances: () => readonly InstancePlan[]
  readonly counters: (instance: string) => Counters
  readonly now: () => Now
  readonly dispatch: (event: EngineEvent) => void
  readonly log: Log
}): Receiver {
  const find = (interfaceName: string, vrid: number): InstancePlan | undefined =>
    options.instances().find((plan) => plan.interface === interfaceName && plan.router.vrid === vrid)
  const said = new Set<string>()

  const receive = (interfaceName: string, packet: Uint8Array): void => {
    const decoded = decodeAdvertPacket(packet, (vrid) => find(interfaceName, vrid)?.router)
    if (decoded.ok) {
      const { vrid, from, advert } = decoded.value
      const plan = find(interfaceName, vrid)
      if (plan === undefined) return
      const counters = options.counters(plan.name)
      counters.count('adverts_received')
      if (advert.priority === 0) counters.count('priority_zero_received')
      options.dispatch({ kind: 'advert', now: options.now(), instance: plan.name, from, advert })
      return
    }
    const { reason, vrid, from, detail } = decoded.error
    // Another group on the same LAN is normal (RFC 9568 7.1), and our own packets tell nothing.
    if (reason === 'vrid' || reason === 'own') return
    for (const plan of vrid === undefined ? options.instances() : [find(interfaceName, vrid)]) {
      if (plan === undefined || plan.interface !== interfaceName) continue
      options.counters(plan.name).reject(reason)
      if (vrid !== undefined && from !== undefined && isOnLink(reason)) {
        options.dispatch({ kind: 'stranger', now: options.now(), instance: plan.name, from })
      }
      complain(plan.name, reason, `${from ?? 'somebody'} on ${interfaceName}: ${detail}`)
    }
  }

  const complain = (instance: string, reason: string, message: string): void => {
    const what = `${instance} ${reason} ${message.split(':')[0]}`
    if (said.has(what)) return
    if (said.size >= REMEMBERED) said.clear()
    said.add(what)
    const text = `packet discarded, ${printable(message)} (said once; status counts them)`
    options.log({ level: 'warn', subject: instance, code: `vrrp.rejected.${reason}`, message: text })
  }

  const rearm = (instance: string): void => {
    for (const what of said) if (what.startsWith(`${instance} `)) said.delete(what)
  }
  return { receive, rearm }
}

/** Whoever sent it shares our VRID on this LAN, however much else differs. */
const isOnLink = (reason: RejectReason): boolean => reason !== 'ttl' && reason !== 'destination'
