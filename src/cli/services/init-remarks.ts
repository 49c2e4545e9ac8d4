import { DEFAULT_PEER_PORT } from '../../config/schema-peer.ts'
import type { Neighbour } from '../../engine/io/neighbours.ts'
import { formatPrefix, type Ipv4Prefix, sameSubnet } from '../../shared/ip.ts'
import type { HeardRouter, HostAddress, HostFacts } from '../detect/facts.ts'
import type { Answers } from './init-answers.ts'
import { hasChannel } from './init-channel.ts'
import { nextVrid, POPULAR } from './init-propose.ts'
import { readVips } from './init-vip.ts'

/** What will give trouble and is no error: told at once, before anything is written. PURE. */
export type Remark = { readonly code: string; readonly message: string; readonly remedy: string | undefined }

const remark = (code: string, message: string, remedy?: string): Remark => ({ code, message, remedy })

/** About the box, whatever is answered. */
export function remarksOnBox({ platform, keepalived, firewall }: HostFacts): Remark[] {
  const remarks: Remark[] = []
  if (platform !== undefined) {
    remarks.push(remark('platform', `this box runs on ${platform.name}: ${platform.breaks}`, platform.remedy))
  }
  if (keepalived !== undefined) {
    const vrids = keepalived.vrids.length === 0 ? '' : `, VRID ${keepalived.vrids.join(', ')}`
    const how = keepalived.isRunning ? 'runs' : 'is configured'
    const message = `keepalived ${how} here (VRRPv${keepalived.version}${vrids}): two cannot hold one address`
    remarks.push(remark('keepalived', message, KEEPALIVED_REMEDY))
  }
  if (firewall?.dropsVrrp === true) {
    const message = `${firewall.kind} drops VRRP (IP protocol 112): both boxes would hold the address`
    remarks.push(remark('firewall', message, 'let it in: --firewall apply, or print to see how'))
  }
  return remarks
}

/** About the peer channel, once it is known that there is one. */
export function remarksOnChannel({ firewall }: HostFacts, answers: Answers): Remark[] {
  if (firewall?.dropsPeer !== true || firewall.dropsVrrp || !hasChannel(answers)) return []
  const message = `${firewall.kind} drops the peer channel (UDP and TCP ${DEFAULT_PEER_PORT}): the boxes hear adverts alone`
  return [remark('firewall', message, 'let it in: --firewall apply, or print to see how')]
}

const KEEPALIVED_REMEDY =
  'to take over from it: systemctl disable --now keepalived, then start haup; to keep both: give haup other addresses and VRIDs'

/** The interface on which the adverts go. */
export const interfaceOf = ({ addresses }: HostFacts, answers: Answers): string | undefined =>
  (answers.interface ?? '') !== ''
    ? answers.interface
    : addresses.find(({ address }) => address === answers.address)?.interface

export function remarksOnInterface(facts: HostFacts, answers: Answers): Remark[] {
  const name = interfaceOf(facts, answers)
  if (name === undefined) {
    const remedy = 'ip address; or run haup init on the box itself'
    return [remark('address', `no interface of this box has ${answers.address}`, remedy)]
  }
  if (!facts.withoutMulticast.includes(name)) return []
  const remedy = `ip link set ${name} multicast on; a tunnel may need another interface`
  return [remark('multicast', `${name} does not send multicast, so no advert gets out`, remedy)]
}

/** Addresses that the LAN can be asked for: on-link, not bound here. */
export function askable(facts: HostFacts, answers: Answers): Ipv4Prefix[] {
  const near = nearAddresses(facts, answers)
  return virtualAddresses(answers).filter(
    ({ address }) =>
      near.some((own) => sameSubnet(own.address, address, own.length)) &&
      !facts.addresses.some((own) => own.address === address),
  )
}

export function remarksOnAddresses(
  facts: HostFacts,
  answers: Answers,
  neighbours: readonly Neighbour[],
  vrid: number | undefined,
): Remark[] {
  const near = nearAddresses(facts, answers)
  return virtualAddresses(answers).flatMap((virtual) => {
    const bound = facts.addresses.find((own) => own.address === virtual.address && own.isOurs !== true)
    if (bound !== undefined) return [boundHere(virtual, bound)]
    const isNear = near.some((own) => sameSubnet(own.address, virtual.address, own.length))
    if (near.length > 0 && !isNear) return [outside(virtual, near)]
    const neighbour = neighbours.find(({ address }) => address === virtual.address)
    const holder = facts.heard?.find((each) => each.addresses.includes(virtual.address))
    const isPeer = holder !== undefined && holder.from === answers['peer-address'] && holder.vrid === vrid
    return neighbour === undefined || isPeer ? [] : [answering(virtual, neighbour, holder)]
  })
}

const virtualAddresses = (answers: Answers): readonly Ipv4Prefix[] => {
  const read = readVips(answers.vip)
  return read.ok ? read.value.map(({ address }) => address) : []
}

const nearAddresses = (facts: HostFacts, answers: Answers): HostAddress[] => {
  const name = interfaceOf(facts, answers)
  return facts.addresses.filter((own) => own.interface === name && own.isOurs !== true)
}

const boundHere = ({ address }: Ipv4Prefix, bound: HostAddress): Remark =>
  remark(
    'vip-bound',
    `${address} is bound on ${bound.interface} of this box already, and not by haup`,
    `remove it where it is configured (for now: ip address del ${address}/${bound.length} dev ${bound.interface}); haup binds it itself`,
  )

const outside = (virtual: Ipv4Prefix, near: readonly HostAddress[]): Remark =>
  remark(
    'vip-subnet',
    `${formatPrefix(virtual)} is outside the subnets of ${near[0]?.interface} (${near.map(formatPrefix).join(', ')})`,
    'check the address; another subnet needs a route to it on the router',
  )

function answering(
  { address }: Ipv4Prefix,
  { hardwareAddress, state }: Neighbour,
  holder: HeardRouter | undefined,
): Remark {
  const who = hardwareAddress === undefined ? 'somebody' : hardwareAddress
  const when = state === 'answered' ? 'answers on the LAN already' : 'was on the LAN a moment ago'
  const by = holder === undefined ? '' : `, held by ${describeRouter(holder)}`
  return remark(
    'vip-answers',
    `${address} ${when}: ${who}${by}`,
    'use a free address, unless haup takes over from there',
  )
}

/** Who else uses the VRID, or the next one that an active/active pair takes. */
export function remarksOnVrid(facts: HostFacts, answers: Answers): Remark[] {
  const own = Number(answers.vrid)
  const vrids = answers['active-active'] === 'yes' ? [own, nextVrid(own)] : [own]
  const virtual = virtualAddresses(answers).map(({ address }) => address)
  const used = (facts.heard ?? []).flatMap((router) => {
    const isPeer = router.from === answers['peer-address'] && router.addresses.some((each) => virtual.includes(each))
    if (!vrids.includes(router.vrid) || isPeer || router.from === answers.address) return []
    const message = `VRID ${router.vrid} is in use on this LAN by ${describeRouter(router)}`
    return [remark('vrid-used', message, 'choose another number, unless that router is to be replaced')]
  })
  return used.length === 0 && vrids.includes(POPULAR) ? [popular] : used
}

const popular = remark(
  'vrid-popular',
  `VRID ${POPULAR} is in all examples: whoever copies one onto this LAN disturbs this pair`,
  'leave --vrid out for a number by lot, unless keepalived or another router has to match',
)

/** `192.0.2.5 (VRID 51, VRRPv2, priority 100, 192.0.2.200)` */
export const describeRouter = ({ from, vrid, version, priority, addresses }: HeardRouter): string =>
  `${from} (VRID ${vrid}, VRRPv${version}, priority ${priority}, ${addresses.join(' ') || 'no address'})`
