import { compareIpv4, parseIpv4 } from '../../shared/ip.ts'
import type { Micros } from '../../shared/units.ts'
import { hasNoLoopback, loopbackListens, urlOf } from '../detect/candidates.ts'
import type { HostFacts, WebServer } from '../detect/facts.ts'
import { ownAddresses } from '../detect/own-addresses.ts'
import { type AnswerKey, type Answers, NONE } from './init-answers.ts'
import { isHindered, proposeSecondLine } from './init-channel.ts'
import { proposeInterval } from './init-interval.ts'
import { splitVips } from './init-vip.ts'

/** Draws a whole number from 0 to `below` - 1. */
export type Random = (below: number) => number

/** What is known beside this box. */
export type Known = {
  readonly given: Answers
  /** VRID of the file that is there already: init once more must not draw another. */
  readonly vrid: number | undefined
  /** The time between adverts of the same file. */
  readonly interval?: Micros | undefined
  /** A person confirms what is proposed. */
  readonly isAsked?: boolean
}

const NOTHING: Known = { given: {}, vrid: undefined }

/** What to propose for an answer, given this box and the answers before it; undefined = nobody but the user knows. PURE. */
export function propose(
  key: AnswerKey,
  facts: HostFacts,
  before: Answers,
  random: Random,
  known: Known = NOTHING,
): string | undefined {
  switch (key) {
    case 'node':
      return facts.hostname
    case 'address':
      return ownAddresses(facts.addresses)[0]?.address
    case 'peer':
      return proposePeer(before.node ?? facts.hostname)
    case 'prefer':
      return proposePreferred(before)
    case 'vrid':
      return String(known.vrid ?? proposeVrid(usedVrids(facts), random))
    case 'vrrp-version':
      return String(facts.keepalived?.version ?? 3)
    case 'advert-interval':
      return proposeInterval(facts, before, known.given, known.interval)
    case 'service':
      return facts.webServer?.kind ?? 'web'
    case 'probe-url':
      return proposeUrl(facts, before)
    case 'probe-host':
      return proposeHost(facts, before)
    case 'health-location':
      return proposeHealth(facts, known.given)
    case 'systemd-unit':
      return proposeUnit(facts)
    case 'nonlocal-bind':
      return proposeNonlocalBind(facts, before)
    case 'firewall':
      return isHindered(facts, before) ? 'print' : NONE
    case 'second-line':
      return known.isAsked === true ? proposeSecondLine(facts, before) : ''
    case 'restart':
      return proposeRestart(facts.webServer)
    case 'pid-file':
      return (facts.webServer !== undefined && startsIt(before, facts.webServer) && facts.webServer.pidFile) || ''
    case 'config-test':
      return facts.webServer === undefined
        ? NONE
        : [facts.webServer.control, ...facts.webServer.options, '-t'].join(' ')
    default:
      return FIXED[key]
  }
}

/** Not proposed: `peer-address` and `vip`. */
const FIXED: Readonly<Record<Exclude<AnswerKey, ProposedFromFacts>, string | undefined>> = {
  cluster: 'web',
  instance: 'www',
  interface: '',
  'peer-address': undefined,
  vip: undefined,
  'active-active': 'no',
  // High ones make the skew short, (256 - p) / 256 of a second: a silent master is replaced 0.5 s sooner than at 100.
  priority: '250,240',
  preempt: 'yes',
  password: '',
  'probe-status': '200-399',
  'restart-budget': '2 within 60s',
  'notify-master': '',
  'notify-backup': '',
  'notify-fault': '',
  'notify-stop': '',
  notify: '',
  'health-port': '8098',
  pool: '',
  'pool-name': 'pool',
  'no-peer': 'no',
  witness: '',
}

type ProposedFromFacts =
  | 'node'
  | 'address'
  | 'peer'
  | 'prefer'
  | 'vrid'
  | 'vrrp-version'
  | 'advert-interval'
  | 'service'
  | 'probe-url'
  | 'restart'
  | 'pid-file'
  | 'config-test'
  | 'probe-host'
  | 'health-location'
  | 'systemd-unit'
  | 'nonlocal-bind'
  | 'firewall'
  | 'second-line'

/** web1 -> web2, web2 -> web1, lb-a -> lb-b; else NAME-2. */
function proposePeer(node: string): string {
  const match = /^(.*?)([12ab])$/i.exec(node)
  const others: Readonly<Record<string, string>> = { '1': '2', '2': '1', a: 'b', b: 'a', A: 'B', B: 'A' }
  const other = others[match?.[2] ?? '']
  const isLetterOfWord = /[a-z][ab]$/i.test(node)
  return match === null || other === undefined || isLetterOfWord ? `${node}-2` : `${match[1]}${other}`
}

/** The node with the lower address: the same proposal on both boxes. */
function proposePreferred(before: Answers): string | undefined {
  const [own, other] = [parseIpv4(before.address ?? ''), parseIpv4(before['peer-address'] ?? '')]
  if (!own.ok || !other.ok) return before.node
  return compareIpv4(own.value, other.value) < 0 ? before.node : before.peer
}

/** keepalived's examples all use 51, so that is the number most likely taken by somebody else. */
export const POPULAR = 51

/** Free together with the next one, which an active/active pair takes. */
function proposeVrid(used: readonly number[], random: Random): number {
  const taken = new Set([POPULAR, ...used])
  const all = Array.from({ length: 255 }, (_, index) => index + 1)
  const free = all.filter((vrid) => !taken.has(vrid) && !taken.has(nextVrid(vrid)))
  return free[random(free.length)] ?? 1
}

export const nextVrid = (vrid: number): number => (vrid % 255) + 1

const usedVrids = ({ keepalived, heard }: HostFacts): number[] => [
  ...(keepalived?.vrids ?? []),
  ...(heard ?? []).map(({ vrid }) => vrid),
]

/**
 * The front page as the server answers it, else what it should be. Always by loopback: the file is the same on both
 * boxes, and the virtual address would lead the standby to the master.
 */
function proposeUrl({ answers, webServer }: HostFacts, before: Answers): string {
  const answering = before['health-location'] === 'existing' ? answers.health : answers.front
  if (answering !== undefined) return answering.url
  const listen = webServer === undefined ? undefined : loopbackListens(webServer)[0]
  return listen === undefined ? 'http://127.0.0.1/' : urlOf(listen)
}

const proposeHost = ({ answers }: HostFacts, before: Answers): string => {
  const known = [answers.health, answers.front].filter((each) => each !== undefined)
  return known.find(({ url }) => url === before['probe-url'])?.host ?? ''
}

/** A new one only where nothing else can be asked for: the server runs, and no URL by loopback answers well. */
function proposeHealth({ webServer, answers, system }: HostFacts, given: Answers): string {
  if (given['probe-url'] !== undefined || given['probe-host'] !== undefined) return NONE
  if (given['health-port'] !== undefined) return 'write'
  const canWrite = system.writesSystem && webServer?.includeDirectory !== undefined && webServer.isRunning
  return canWrite && (hasNoLoopback(webServer) || answers.front === undefined) ? 'write' : NONE
}

const proposeUnit = ({ system }: HostFacts): string =>
  system.writesSystem && system.hasSystemd && !system.hasPackagedUnit && system.program !== undefined ? 'write' : NONE

/** Useful when a site names an address that this box does not have all the time. */
function proposeNonlocalBind({ webServer, system, addresses }: HostFacts, before: Answers): string {
  if (!system.writesSystem || system.nonlocalBind) return 'no'
  const always = ownAddresses(addresses).map(({ address }): string => address)
  const named = (webServer?.sites ?? []).flatMap(({ listens }) => listens.map(({ address }) => address))
  const virtual = splitVips(before.vip ?? '').map((item) => item.address.split('/')[0])
  return named.some((address) => virtual.includes(address) && !always.includes(address)) ? 'yes' : 'no'
}

function proposeRestart(server: WebServer | undefined): string {
  if (server === undefined) return NONE
  return server.unit ?? startCommand(server)
}

/** apachectl wants a verb. */
const startCommand = ({ kind, control, options }: WebServer): string =>
  [control, ...options, ...(kind === 'nginx' ? [] : ['-k', 'start'])].join(' ')

const startsIt = ({ restart }: Answers, server: WebServer): boolean => restart === startCommand(server)
