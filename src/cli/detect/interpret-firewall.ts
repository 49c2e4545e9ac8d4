import type { FirewallFacts } from './facts.ts'

/**
 * `nft -j list ruleset` (libnftables-json(5)): whether adverts, IP protocol 112, come in. PURE. A judgement by the forms
 * that people write, not a simulation: a chain at hook input that drops by its policy or by a last rule without
 * conditions, in which no rule accepts VRRP, or everything from some interface or address.
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
  const dropping = inputs.find((chain) => dropsVrrp(chain, rules))
  const named = dropping ?? inputs[0]
  return {
    kind: 'nftables',
    dropsVrrp: dropping !== undefined,
    chain: [named?.family, named?.table, named?.name].map(String),
  }
}

function dropsVrrp(chain: Json, rules: readonly Rule[]): boolean {
  if (chain.family !== 'inet' && chain.family !== 'ip') return false
  const inside = reachable(chain, rules)
  const own = rules.filter((rule) => isOf(rule, chain, chain.name))
  const last = own.at(-1)
  const isClosed =
    chain.policy === 'drop' ||
    (last !== undefined && conditionsOf(last).length === 0 && hasVerdict(last, 'drop', 'reject'))
  return isClosed && !inside.some(acceptsVrrp)
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
