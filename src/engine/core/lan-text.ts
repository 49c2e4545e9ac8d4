import type { Warning } from '../../control/messages.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import type { LogRecord } from '../../shared/log.ts'
import { fromSeconds, type Micros } from '../../shared/units.ts'
import type { Mac } from '../vrrp/arp.ts'
import type { Ignored } from './adverts.ts'
import { besideNow, describeBeside } from './lan-beside.ts'
import type { Claimant, Peer, Reply } from './lan-types.ts'
import { andMore } from './said.ts'
import type { EngineAction, EngineState, InstancePlan, NodePlan } from './types.ts'

/** What is said about the LAN, in the log and in `status`. PURE. */

export type Stations = EngineState['stations']

export const peerOf = (plan: InstancePlan, stations: Stations, mac: Mac): Peer | undefined =>
  plan.peers.find(({ address }) => stations.get(address) === mac)

/** An advert is a sign of a stranger for so long, and for three intervals. */
const STRANGER_FOR = fromSeconds(10)

export const blockedReason = (node: string): string =>
  `adverts of ${node} do not arrive, but it holds the address: is IP protocol 112 blocked?`

export const logDeferring = (plan: InstancePlan, { name }: Peer): EngineAction =>
  log(plan, 'warn', 'lan.adverts-blocked', `${blockedReason(name)} Not claimed while ${name} answers for it`)

export const logServing = (plan: InstancePlan, node: string): EngineAction =>
  log(plan, 'info', 'lan.adverts-back', `adverts arrive again, ${node} had not been heard`)

export function logClaimAnyway(plan: InstancePlan, stations: Stations, replies: readonly Reply[]): EngineAction {
  const who = replies.map(({ mac }) => describeStation(plan, stations, mac)).join(' and ')
  const message = `${who} still answers for ${addressesOf(plan)}, though no advert comes: claimed anyway, two holders are likely until it lets go`
  return log(plan, 'error', 'lan.two-holders', message)
}

export function logClaimant(plan: InstancePlan, peer: Peer | undefined, { mac, address, own }: Claimant): EngineAction {
  if (peer === undefined) {
    const message = `${mac}, which is no node of this cluster, claims ${address} (ours: ${own}): somebody else uses the address; defending it`
    return log(plan, 'error', 'lan.foreign-claim', message)
  }
  const message = `${peer.name} (${mac}) claims ${address} (ours: ${own}) too, and its adverts do not arrive: is IP protocol 112 blocked? Defending it`
  return log(plan, 'error', 'lan.two-holders', message)
}

export const logLettingGo = (plan: InstancePlan, { name }: Peer): EngineAction =>
  log(plan, 'error', 'lan.two-holders', `let go, ${name} has the better right: ${blockedReason(name)}`)

export const logCalm = (plan: InstancePlan, { mac, address }: Claimant): EngineAction =>
  log(plan, 'info', 'lan.calm', `${mac} does not claim ${address} any more`)

export const logStranger = (plan: InstancePlan, from: Ipv4, more: number): EngineAction =>
  log(plan, 'warn', 'vrrp.stranger', `${describeStranger(plan, from)}${andMore(more)}`)

export function logIgnored(plan: InstancePlan, from: Ipv4, why: Ignored, more: number): EngineAction {
  const node = plan.peers.find(({ address }) => address === from)?.name ?? from
  const message =
    why === 'doubted'
      ? `an advert in the name of ${node} is ignored: it does not answer ARP, and the channel does not hear it`
      : `an advert in the name of ${node} is ignored: ${node} itself says otherwise by the peer channel. Somebody may forge adverts`
  return log(plan, 'warn', 'vrrp.ignored', `${message}${andMore(more)}`)
}

/** What `status` has to say about the LAN as it is now. */
export function lanWarnings(plan: NodePlan, state: EngineState, now: Micros): readonly Warning[] {
  return plan.instances.flatMap((instance) => {
    const runtime = state.instances.get(instance.name)
    if (runtime === undefined) return []
    const { lan } = runtime
    const beside = besideNow(instance, runtime, now)
    const warn = (code: string, message: string): Warning => ({ code, message: `${instance.name}: ${message}` })
    const node = lan.doubt?.node
    return [
      ...(node === undefined ? [] : [warn('lan.adverts-blocked', blockedReason(node))]),
      ...lan.claimants
        .filter(({ step }) => step === 'known')
        .map(({ mac, address }) => {
          const who = describeStation(instance, state.stations, mac)
          return warn('lan.foreign-claim', `${who} also claims ${address}, which this node holds and defends`)
        }),
      ...(beside === undefined ? [] : [warn('lan.two-masters', describeBeside(instance, beside))]),
      ...strangers(instance, lan.heard, now).map((from) => warn('vrrp.stranger', describeStranger(instance, from))),
    ]
  })
}

function strangers(plan: InstancePlan, heard: ReadonlyMap<Ipv4, Micros>, now: Micros): Ipv4[] {
  const lasts = Math.max(STRANGER_FOR, 3 * plan.router.advertInterval)
  return [...heard].filter(([from, at]) => isStranger(plan, from) && now - at <= lasts).map(([from]) => from)
}

export const isStranger = ({ peers, router }: InstancePlan, from: Ipv4): boolean =>
  from !== router.source && peers.every(({ address }) => address !== from)

const describeStranger = ({ router: { vrid }, interface: name }: InstancePlan, from: Ipv4): string =>
  `VRID ${vrid} is used by ${from}, which is no node of this cluster: choose another VRID, or add it under nodes ` +
  `(an address that a node has on ${name} beside its first one goes under its paths)`

const describeStation = (plan: InstancePlan, stations: Stations, mac: Mac): string => {
  const peer = peerOf(plan, stations, mac)
  return peer === undefined ? `${mac} (no node of this cluster)` : `${peer.name} (${mac})`
}

const addressesOf = ({ addresses: [first, ...more] }: InstancePlan): string =>
  more.length === 0 ? (first?.address.address ?? '') : `${first?.address.address} and ${more.length} more`

const log = (plan: InstancePlan, level: LogRecord['level'], code: string, message: string): EngineAction => ({
  kind: 'log',
  record: { level, subject: plan.name, code, message },
})
