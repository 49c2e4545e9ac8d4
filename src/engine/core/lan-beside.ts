import type { Ipv4 } from '../../shared/ip.ts'
import { type Micros, micros, minus } from '../../shared/units.ts'
import type { Mac } from '../vrrp/arp.ts'
import type { Advert } from '../vrrp/types.ts'
import { andMore, say } from './said.ts'
import type { EngineAction, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * Another master that a master goes on hearing: it does not hear this node, or does not heed it. Both may answer for the
 * addresses, and nothing in VRRP ends that. PURE. Adverts that cross while the address moves are no such case.
 */
export type Beside = {
  readonly from: Ipv4
  readonly priority: number
  readonly interval: Micros
  readonly since: Micros
  readonly at: Micros
  /** When its station last answered for the addresses, or announced them. */
  readonly answeredAt: Micros | undefined
}

/** In intervals, the longer of the two: how long it lasts before it is said, and how long after its last advert it is over. */
const LASTS = 3

export function hearBeside(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  from: Ipv4,
  { priority, interval }: Advert,
  now: Micros,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  const { beside } = runtime.lan
  const withBeside = (next: Beside | undefined): InstanceRuntime =>
    next === beside ? runtime : { ...runtime, lan: { ...runtime.lan, beside: next } }
  if (runtime.router.phase.kind !== 'master') return { runtime: withBeside(undefined), actions: [] }
  const isFresh = beside !== undefined && minus(now, beside.at) <= span(plan, beside)
  if (priority === 0 || from === plan.router.source || (isFresh && beside.from !== from))
    return { runtime, actions: [] }
  const answeredAt = isFresh ? beside.answeredAt : undefined
  const next: Beside = { from, priority, interval, since: isFresh ? beside.since : now, at: now, answeredAt }
  const isNews = isBeside(plan, next, now) && !(isFresh && isBeside(plan, beside, beside.at))
  return isNews ? sayBeside(plan, withBeside(next), next) : { runtime: withBeside(next), actions: [] }
}

/** A station says that it has the addresses: that of the other master's node? */
export function noteAnswer(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  stations: EngineState['stations'],
  mac: Mac,
  now: Micros,
): InstanceRuntime {
  const { beside } = runtime.lan
  if (beside === undefined || stations.get(beside.from) !== mac || plan.router.source === beside.from) return runtime
  return { ...runtime, lan: { ...runtime.lan, beside: { ...beside, answeredAt: now } } }
}

/** Once for each state of this node, and at a limited rate, whoever sends such adverts. */
function sayBeside(plan: InstancePlan, runtime: InstanceRuntime, beside: Beside) {
  const { said, line } = say(runtime.said.get('beside'), beside.from, beside.at)
  const told = { ...runtime, said: new Map(runtime.said).set('beside', said) }
  if (line === undefined) return { runtime: told, actions: [] }
  const message = `${describeBeside(plan, beside)}${andMore(line.more)}`
  const record = { level: 'error', subject: plan.name, code: 'lan.two-masters', message } as const
  return { runtime: told, actions: [{ kind: 'log', record } as const] }
}

/** The other master, when it lasts and is not over. */
export const besideNow = (plan: InstancePlan, { lan, router }: InstanceRuntime, now: Micros): Beside | undefined =>
  router.phase.kind === 'master' && lan.beside !== undefined && isBeside(plan, lan.beside, now) ? lan.beside : undefined

const isBeside = (plan: InstancePlan, beside: Beside, now: Micros): boolean =>
  minus(beside.at, beside.since) >= span(plan, beside) && minus(now, beside.at) <= span(plan, beside)

const span = ({ router }: InstancePlan, { interval }: Beside): Micros =>
  micros(LASTS * Math.max(interval, router.advertInterval))

export function describeBeside({ peers }: InstancePlan, { from, priority }: Beside): string {
  const node = peers.find(({ address }) => address === from)
  const who = node === undefined ? from : `${node.name} (${from})`
  return (
    `${who} goes on advertising as master with priority ${priority} beside this node: it does not hear this node's ` +
    'adverts, or does not heed them, and both may answer for the addresses; see "haup status" there, and let IP protocol ' +
    '112 to 224.0.0.18 pass on both and between them'
  )
}
