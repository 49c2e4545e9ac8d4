import { DEFAULT_PEER_PORT } from '../../config/schema-peer.ts'
import type { FirewallFacts } from './facts.ts'

/**
 * `nft -j list ruleset` (libnftables-json(5)): whether adverts (IP protocol 112) and the peer channel (UDP) come in. PURE.
 * A judgement by the forms that people write, not a simulation: a chain at hook input that drops by its policy or by a last
 * rule without conditions, in which no rule accepts them, or everything from some interface or address.
 */

type Json = { readonly [key: string]: unknown }
type Rule = {
  readonly family: unknown
  readonly table: unknown
  readonly chain: unknown
  readonly expr: readonly Json[]
}

/** Undefined: there is no chain that could drop anything. The first chain that drops is named. */
export function interpretNftRuleset(text: string): FirewallFacts | undefined {
  const items = itemsOf(text)
  const inputs = items.flatMap(({ chain }) => (isObject(chain) && chain.hook === 'input' ? [chain] : []))
  if (inputs.length === 0) return undefined
  const rules = items.flatMap(({ rule }) => (isObject(rule) ? [toRule(rule)] : []))
  const vrrp = inputs.find((chain) => drops(chain, rules, acceptsVrrp))
  const peer = inputs.find((chain) => drops(chain, rules, acceptsPeer))
  const named = vrrp ?? peer ?? inputs[0]
  return {
    kind: 'nftables',
    dropsVrrp: vrrp !== undefined,
    dropsPeer: peer !== undefined,
    chain: [named?.family, named?.table, named?.name].map(String),
  }
}

function drops(chain: Json, rules: readonly Rule[], accepts: (rule: Rule) => boolean): boolean {
  if (chain.family !== 'inet' && chain.family !== 'ip') return false
  const inside = reachable(chain, rules)
  const own = rules.filter((rule) => isOf(rule, chain, chain.name))
  const last = own.at(-1)
  const isClosed =
    chain.policy === 'drop' ||
    (last !== undefined && conditionsOf(last).length === 0 && hasVerdict(last, 'drop', 'reject'))
  return isClosed && !inside.some(accepts)
}

const isOf = (rule: Rule, { family, table }: Json, chain: unknown): boolean =>
  rule.family === family && rule.table === table && rule.chain === chain

/** The chain's own rules and those of chains that it jumps to. */
function reachable(chain: Json, rules: readonly Rule[]): Rule[] {
  const seen = new Set<unknown>()
  const waiting: unknown[] = [chain.name]
  while (waiting.length > 0) {
    const name = waiting.pop()
    if (seen.has(name)) continue
    seen.add(name)
    const own = rules.filter((rule) => isOf(rule, chain, name))
    waiting.push(...own.flatMap(({ expr }) => expr.flatMap(targetsOf)))
  }
  return rules.filter((rule) => rule.family === chain.family && rule.table === chain.table && seen.has(rule.chain))
}

const targetsOf = ({ jump, goto }: Json): unknown[] =>
  [jump, goto].flatMap((verdict) => (isObject(verdict) ? [verdict.target] : []))

const VRRP = ['vrrp', 112, '112']

function acceptsVrrp(rule: Rule): boolean {
  if (!hasVerdict(rule, 'accept')) return false
  const conditions = conditionsOf(rule)
  const protocols = conditions.filter(({ left }) => isProtocol(left))
  if (protocols.length > 0)
    return protocols.some(({ right }) => membersOf(right).some((each) => VRRP.some((known) => known === each)))
  // Ports belong to TCP and UDP; replies and loopback are not adverts of another box.
  return !conditions.some(({ left, right }) => isOfOthers(left) || membersOf(right).includes('lo'))
}

/** By its port, or from somewhere altogether. */
function acceptsPeer(rule: Rule): boolean {
  if (!hasVerdict(rule, 'accept')) return false
  return conditionsOf(rule).every(({ left, right }) => {
    const members = membersOf(right)
    if (isProtocol(left)) return members.some((each) => UDP.some((known) => known === each))
    if (isPort(left)) return members.some(coversPort)
    return !isOfOthers(left) && !members.includes('lo')
  })
}

const UDP = ['udp', 17, '17']

const isPort = (left: unknown): boolean =>
  isObject(left) &&
  isObject(left.payload) &&
  ['udp', 'th'].includes(String(left.payload.protocol)) &&
  left.payload.field === 'dport'

const coversPort = (member: unknown): boolean => {
  if (!isObject(member) || !Array.isArray(member.range)) return member === DEFAULT_PEER_PORT
  const [low, high] = member.range.map(Number)
  return low !== undefined && high !== undefined && low <= DEFAULT_PEER_PORT && DEFAULT_PEER_PORT <= high
}

const isProtocol = (left: unknown): boolean =>
  (isObject(left) && isObject(left.meta) && left.meta.key === 'l4proto') ||
  (isObject(left) && isObject(left.payload) && left.payload.protocol === 'ip' && left.payload.field === 'protocol')

const isOfOthers = (left: unknown): boolean =>
  isObject(left) &&
  (isObject(left.ct) || (isObject(left.payload) && !['ip', 'ether'].includes(String(left.payload.protocol))))

const conditionsOf = ({ expr }: Rule): Json[] => expr.flatMap(({ match }) => (isObject(match) ? [match] : []))
const hasVerdict = ({ expr }: Rule, ...verdicts: readonly string[]): boolean =>
  expr.some((each) => verdicts.some((verdict) => verdict in each))

const membersOf = (right: unknown): readonly unknown[] =>
  isObject(right) && Array.isArray(right.set) ? right.set : Array.isArray(right) ? right : [right]

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

function toRule({ family, table, chain, expr }: Json): Rule {
  return { family, table, chain, expr: Array.isArray(expr) ? expr.filter(isObject) : [] }
}

function itemsOf(text: string): Json[] {
  try {
    const parsed: unknown = JSON.parse(text)
    return isObject(parsed) && Array.isArray(parsed.nftables) ? parsed.nftables.filter(isObject) : []
  } catch {
    return []
  }
}

/** ufw's before.rules (or any file of iptables-restore): whether it lets VRRP in. */
export const hasVrrpRule = (rules: string): boolean => /^-A \S+ .*-p (?:vrrp|112)\b.*-j ACCEPT/m.test(rules)

/** `firewall-cmd --list-all`: whether the zone lets VRRP in. */
export const zoneAcceptsVrrp = (output: string): boolean =>
  /protocols:.*\b(?:vrrp|112)\b/.test(output) ||
  /protocol value="(?:vrrp|112)".*accept/.test(output) ||
  /target: ACCEPT/.test(output)

/** ufw's before.rules, and what `ufw status` lists. */
export const hasPeerRule = (rules: string, status: string): boolean =>
  new RegExp(`^-A \\S+ .*-p udp\\b.*--dport ${DEFAULT_PEER_PORT}\\b.*-j ACCEPT`, 'm').test(rules) ||
  new RegExp(`^${DEFAULT_PEER_PORT}(?:/udp)?\\s+ALLOW`, 'm').test(status)

export const zoneAcceptsPeer = (output: string): boolean =>
  new RegExp(`ports:.*\\b${DEFAULT_PEER_PORT}/udp\\b`).test(output) ||
  new RegExp(`port="${DEFAULT_PEER_PORT}" protocol="udp".*accept`).test(output) ||
  /target: ACCEPT/.test(output)
