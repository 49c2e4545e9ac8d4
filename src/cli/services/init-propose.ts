import { compareIpv4, parseIpv4 } from '../../shared/ip.ts'
import type { HostFacts, Listening, WebServer } from '../detect/facts.ts'
import { type AnswerKey, type Answers, NONE } from './init-answers.ts'

/** Draws a whole number from 0 to `below` - 1. */
export type Random = (below: number) => number

/** What to propose for an answer, given this box and the answers before it; undefined = nobody but the user knows. PURE. */
export function propose(key: AnswerKey, facts: HostFacts, before: Answers, random: Random): string | undefined {
  switch (key) {
    case 'node':
      return facts.hostname
    case 'address':
      return facts.addresses[0]?.address
    case 'peer':
      return proposePeer(before.node ?? facts.hostname)
    case 'prefer':
      return proposePreferred(before)
    case 'vrid':
      return String(proposeVrid(facts.keepalived?.vrids ?? [], random))
    case 'vrrp-version':
      return String(facts.keepalived?.version ?? 3)
    case 'service':
      return facts.webServer?.kind ?? 'web'
    case 'probe-url':
      return proposeUrl(facts.webServer?.listening ?? [])
    case 'restart':
      return proposeRestart(facts.webServer)
    case 'pid-file':
      return (facts.webServer !== undefined && startsIt(before, facts.webServer) && facts.webServer.pidFile) || ''
    case 'config-test':
      return facts.webServer === undefined ? NONE : `${facts.webServer.control} -t`
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
  'advert-interval': '1s',
  preempt: 'yes',
  password: '',
  'probe-status': '200-399',
  'restart-budget': '2 within 60s',
}

type ProposedFromFacts =
  | 'node'
  | 'address'
  | 'peer'
  | 'prefer'
  | 'vrid'
  | 'vrrp-version'
  | 'service'
  | 'probe-url'
  | 'restart'
  | 'pid-file'
  | 'config-test'

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
const POPULAR = 51

/** Free together with the next one, which an active/active pair takes. */
function proposeVrid(used: readonly number[], random: Random): number {
  const taken = new Set([POPULAR, ...used])
  const all = Array.from({ length: 255 }, (_, index) => index + 1)
  const free = all.filter((vrid) => !taken.has(vrid) && !taken.has(nextVrid(vrid)))
  return free[random(free.length)] ?? 1
}

export const nextVrid = (vrid: number): number => (vrid % 255) + 1

/**
 * The plain port that is usual first, else what there is. Always by loopback: the same on both boxes, and a server that
 * listens on one address only would need another URL anyway.
 */
function proposeUrl(listening: readonly Listening[]): string {
  const local = listening.filter(({ address }) => address === '0.0.0.0' || address.startsWith('127.'))
  const ports = (local.length > 0 ? local : listening).map(({ port }) => port)
  const plain = [80, 8080, ...ports.filter((port) => port !== 443 && port !== 8443)].find((port) =>
    ports.includes(port),
  )
  if (plain !== undefined) return plain === 80 ? 'http://127.0.0.1/' : `http://127.0.0.1:${plain}/`
  if (ports[0] === undefined) return 'http://127.0.0.1/'
  return ports.includes(443) ? 'https://127.0.0.1/' : `https://127.0.0.1:${ports[0]}/`
}

function proposeRestart(server: WebServer | undefined): string {
  if (server === undefined) return NONE
  return server.unit ?? startCommand(server)
}

/** apachectl wants a verb. */
const startCommand = ({ kind, control }: WebServer): string => (kind === 'nginx' ? control : `${control} -k start`)

const startsIt = ({ restart }: Answers, server: WebServer): boolean => restart === startCommand(server)
