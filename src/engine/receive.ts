import type { Log } from '../shared/log.ts'
import { printable } from '../shared/log.ts'
import { andMore, forget, type Said, say } from './core/said.ts'
import type { EngineEvent, InstancePlan } from './core/types.ts'
import type { Counters } from './counters.ts'
import { decodeAdvertPacket } from './vrrp/packet.ts'
import type { RejectReason } from './vrrp/types.ts'

type Now = EngineEvent['now']

export type Receiver = {
  /** One IPv4 packet from an interface's VRRP socket; bad ones are counted, and said as far as `say` allows for their kind. */
  readonly receive: (interfaceName: string, packet: Uint8Array) => void
  /** Lets bad packets be said again (after a state change). */
  readonly rearm: (instance: string) => void
}

export function createReceiver(options: {
  readonly instances: () => readonly InstancePlan[]
  readonly counters: (instance: string) => Counters
  readonly now: () => Now
  readonly dispatch: (event: EngineEvent) => void
  readonly log: Log
}): Receiver {
  const find = (interfaceName: string, vrid: number): InstancePlan | undefined =>
    options.instances().find((plan) => plan.interface === interfaceName && plan.router.vrid === vrid)
  /** By instance, then by reason: both are few. */
  const said = new Map<string, Map<string, Said>>()

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
      complain(plan.name, reason, `${from ?? 'somebody'} on ${interfaceName}`, detail)
    }
  }

  const complain = (instance: string, reason: RejectReason, from: string, detail: string): void => {
    const kinds = said.get(instance) ?? new Map<string, Said>()
    const saying = say(kinds.get(reason), from, options.now())
    said.set(instance, kinds.set(reason, saying.said))
    if (saying.line === undefined) return
    const text = `packet discarded, ${printable(`${from}: ${detail}`)}${andMore(saying.line.more)} (status counts them)`
    options.log({ level: 'warn', subject: instance, code: `vrrp.rejected.${reason}`, message: text })
  }

  const rearm = (instance: string): void => {
    const kinds = said.get(instance) ?? []
    said.set(instance, new Map([...kinds].map(([reason, each]) => [reason, forget(each)])))
  }
  return { receive, rearm }
}

/** Whoever sent it shares our VRID on this LAN, however much else differs. */
const isOnLink = (reason: RejectReason): boolean => reason !== 'ttl' && reason !== 'destination'
