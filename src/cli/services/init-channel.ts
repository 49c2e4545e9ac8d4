import { type Complaint, complain, type Reader, readIpv4, refuse } from '../../config/read.ts'
import { readEndpoint, readUrl } from '../../config/read-text.ts'
import { type Ipv4, ipv4FromNumber, ipv4ToNumber, parseIpv4, sameSubnet } from '../../shared/ip.ts'
import { ok } from '../../shared/result.ts'
import type { PlannedWitness } from '../../templates/haup-yaml.ts'
import type { HostAddress, HostFacts } from '../detect/facts.ts'
import { ownAddresses } from '../detect/own-addresses.ts'
import { type Answers, listItems } from './init-answers.ts'
import { by, flag, type Question, text } from './init-question.ts'
import { readVips } from './init-vip.ts'

/** The peer channel: its answers, what is proposed, and their readers. PURE. */

/** Whether the nodes get a channel. */
export const hasChannel = (answers: Answers): boolean => answers['no-peer'] !== 'yes'

/** Whether the firewall of this box drops what the other one says. */
export const isHindered = ({ firewall }: Pick<HostFacts, 'firewall'>, answers: Answers): boolean =>
  firewall?.dropsVrrp === true || (firewall?.dropsPeer === true && hasChannel(answers))

/** `OWN,PEER`: both addresses on one further line. */
export const readSecondLine: Reader<{ readonly own: Ipv4; readonly peer: Ipv4 }> = (value) => {
  const [first, second, ...rest] = listItems(String(value))
  if (first === undefined || second === undefined || rest.length > 0) {
    return complain('two addresses, of this box and of the other one', value, 'such as 10.0.0.1,10.0.0.2')
  }
  const own = readIpv4(first)
  if (!own.ok) return own
  const peer = readIpv4(second)
  if (!peer.ok) return peer
  if (own.value === peer.value) return refuse(`has ${own.value} twice`, 'each box needs an address of its own')
  return ok({ own: own.value, peer: peer.value })
}

const checkSecondLine: Question['check'] = (answer, before) => {
  if (answer === '') return undefined
  const line = readSecondLine(answer)
  if (!line.ok) return line.error
  const vips = readVips(before.vip ?? '')
  const taken = [
    before.address,
    before['peer-address'],
    ...(vips.ok ? vips.value.map(({ address }) => address.address) : []),
  ]
  const twice = [line.value.own, line.value.peer].find((address) => taken.includes(address))
  if (twice === undefined) return undefined
  return { message: `names ${twice}, which is an address of the LAN`, remedy: 'give addresses of another line' }
}

/** `gateway` stands for the gateway of the default route. */
const GATEWAY = 'gateway'

/** `gateway`, or one of `ping:ADDRESS`, `arp:ADDRESS`, `tcp:HOST:PORT`, `http://...`. */
export const readWitness: Reader<PlannedWitness> = (value) => {
  const given = String(value)
  const [kind = '', ...rest] = given.split(':')
  const target = rest.join(':')
  if (kind === 'ping' || kind === 'arp') {
    const address = readIpv4(target)
    return address.ok ? ok({ kind, target: address.value }) : address
  }
  if (kind === 'tcp') {
    const endpoint = readEndpoint(target)
    return endpoint.ok ? ok({ kind, target }) : endpoint
  }
  if (kind === 'http' || kind === 'https') {
    const url = readUrl(given)
    return url.ok ? ok({ kind: 'http', target: given }) : url
  }
  return complain('gateway, ping:ADDRESS, arp:ADDRESS, tcp:HOST:PORT or a URL', value, 'such as ping:192.0.2.1')
}

/** The answer as `readWitness` reads it; undefined: this box has no gateway. */
export const resolveWitness = (answer: string, { gateway }: Pick<HostFacts, 'gateway'>): string | undefined => {
  if (answer !== GATEWAY) return answer
  return gateway === undefined ? undefined : `ping:${gateway}`
}

const checkWitness: Question['check'] = (answer, before, facts): Complaint | undefined => {
  if (answer === '') return undefined
  const resolved = resolveWitness(answer, facts)
  if (resolved !== undefined) return by(readWitness)(resolved, before, facts)
  return { message: 'finds no gateway: this box has no default route', remedy: 'name it: ping:ADDRESS' }
}

export const CHANNEL: readonly Question[] = [
  {
    key: 'no-peer',
    ask: undefined,
    help: 'do without the peer channel, by which haup nodes tell each other what they see',
    form: 'switch',
    check: by((value) => (value === 'yes' || value === 'no' ? ok(value) : complain('yes or no', value))),
  },
  {
    ...text(
      'second-line',
      'A second line to the other box? Its address here and there, OWN,PEER (empty: none)',
      'addresses of this node and of the other one on a second line, for the peer channel: OWN,PEER',
      checkSecondLine,
    ),
    when: hasChannel,
    matters: (facts) => secondAddress(facts) !== undefined,
  },
  flag(
    'witness',
    'what a node must reach to hold: gateway, ping:ADDRESS, arp:ADDRESS, tcp:HOST:PORT or a URL',
    checkWitness,
  ),
]

/** On an interface that is not the LAN's, private, and not virtual machines' or containers' own. */
export function secondAddress({ addresses }: Pick<HostFacts, 'addresses'>): HostAddress | undefined {
  const [lan, ...others] = ownAddresses(addresses)
  if (lan === undefined) return undefined
  return others.find(
    (each) =>
      each.interface !== lan.interface &&
      !INNER.test(each.interface) &&
      isPrivate(each.address) &&
      !sameSubnet(each.address, lan.address, lan.length),
  )
}

const INNER = /^(docker|br-|virbr|veth|cni|flannel|tun|tap|wg|lxc|lxd)/

const isPrivate = (address: Ipv4): boolean => /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address)

/** For a person to confirm: the other box as far from this one as on the LAN, or the only other host of the subnet. */
export function proposeSecondLine(facts: Pick<HostFacts, 'addresses'>, before: Answers): string {
  const second = secondAddress(facts)
  const [own, peer] = [parseIpv4(before.address ?? ''), parseIpv4(before['peer-address'] ?? '')]
  if (second === undefined || !own.ok || !peer.ok) return ''
  const number = ipv4ToNumber(second.address)
  const distance = ipv4ToNumber(peer.value) - ipv4ToNumber(own.value)
  const other = second.length >= 30 ? number ^ (second.length === 31 ? 1 : 3) : number + distance
  const guess = ipv4FromNumber(other >>> 0)
  return guess !== second.address && sameSubnet(guess, second.address, second.length)
    ? `${second.address},${guess}`
    : ''
}
