import type { Log } from '../shared/log.ts'
import { printable } from '../shared/log.ts'
import { createAdvertBudget } from './advert-budget.ts'
import { andMore, forget, type Said, say } from './core/said.ts'
import type { EngineEvent, InstancePlan } from './core/types.ts'
import type { Counters } from './counters.ts'
import { describeReject } from './vrrp/describe.ts'
import { decodeAdvertPacket, type RejectedPacket } from './vrrp/packet.ts'
import type { Priority, RejectReason } from './vrrp/types.ts'

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
  /** The effective one. */
  readonly priority: (instance: InstancePlan) => Priority
  readonly now: () => Now
  readonly dispatch: (event: EngineEvent) => void
  readonly log: Log
}): Receiver {
  const find = (interfaceName: string, vrid: number): InstancePlan | undefined =>
    routersOf(options.instances()).get(`${vrid} ${interfaceName}`)
  /** By instance (or `haup`), then by reason: both are few. */
  const said = new Map<string, Map<string, Said>>()
  const budget = createAdvertBudget()

  const receive = (interfaceName: string, packet: Uint8Array): void => {
    const decoded = decodeAdvertPacket(packet, (vrid) => find(interfaceName, vrid)?.router)
    if (decoded.ok) {
      const { vrid, from, id, advert } = decoded.value
      const plan = find(interfaceName, vrid)
      if (plan === undefined) return
      const counters = options.counters(plan.name)
      const now = options.now()
      counters.count('adverts_received')
      if (advert.priority === 0) counters.count('priority_zero_received')
      const ours = options.priority(plan)
      if (budget.allows(plan, { from, priority: advert.priority, ours }, now)) {
        options.dispatch({ kind: 'advert', now, instance: plan.name, from, id, advert })
        return
      }
      counters.reject('flood')
      complain(plan.name, 'flood', `${from} on ${interfaceName}`, describeReject('flood'))
      return
    }
    refuse(interfaceName, decoded.error)
  }

  const refuse = (interfaceName: string, { reason, vrid, from, detail }: RejectedPacket): void => {
    // Another group on the same LAN is normal (RFC 9568 7.1), and our own packets tell nothing.
    if (reason === 'vrid' || reason === 'own') return
    const plans = options
      .instances()
      .filter((plan) => plan.interface === interfaceName && (vrid === undefined || plan.router.vrid === vrid))
    for (const plan of plans) {
      options.counters(plan.name).reject(reason)
      const now = options.now()
      const isSharing = vrid !== undefined && from !== undefined && isOnLink(reason)
      if (isSharing && budget.allows(plan, 'bad', now)) {
        options.dispatch({ kind: 'stranger', now, instance: plan.name, from })
      }
    }
    const [only, ...others] = plans
    // What is too broken to say whom it is for is said once.
    if (only !== undefined) {
      complain(others.length === 0 ? only.name : 'haup', reason, `${from ?? 'somebody'} on ${interfaceName}`, detail)
    }
  }

  const complain = (subject: string, reason: RejectReason, from: string, detail: string): void => {
    const kinds = said.get(subject) ?? new Map<string, Said>()
    const saying = say(kinds.get(reason), from, options.now())
    said.set(subject, kinds.set(reason, saying.said))
    if (saying.line === undefined) return
    const text = `packet discarded, ${printable(`${from}: ${detail}`)}${andMore(saying.line.more)} (status counts them)`
    options.log({ level: 'warn', subject, code: `vrrp.rejected.${reason}`, message: text })
  }

  const rearm = (instance: string): void => {
    const kinds = said.get(instance) ?? []
    said.set(instance, new Map([...kinds].map(([reason, each]) => [reason, forget(each)])))
  }
  return { receive, rearm }
}

const known = new WeakMap<readonly InstancePlan[], ReadonlyMap<string, InstancePlan>>()

/** By VRID and interface: the first one of each. Plans do not change, so each list is indexed once. */
function routersOf(instances: readonly InstancePlan[]): ReadonlyMap<string, InstancePlan> {
  const found = known.get(instances)
  if (found !== undefined) return found
  const index = new Map(instances.toReversed().map((plan) => [`${plan.router.vrid} ${plan.interface}`, plan]))
  known.set(instances, index)
  return index
}

/** Whoever sent it shares our VRID on this LAN, however much else differs. */
const isOnLink = (reason: RejectReason): boolean => reason !== 'ttl' && reason !== 'destination'
