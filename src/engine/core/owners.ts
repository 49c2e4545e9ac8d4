import { assertNever } from '../../shared/errors.ts'
import { type Micros, plus } from '../../shared/units.ts'
import { isWhole } from '../peer/told.ts'
import type { PeerFacts } from '../peer/types.ts'
import { instancesOf, MARK } from './instance-table.ts'
import { lanSilentAfter } from './peer-note.ts'
import { indexOf } from './plan-index.ts'
import type { EngineEvent, EngineState, InstancePlan, NodePlan } from './types.ts'

/**
 * Whom an event is about. PURE. An instance is looked at when the event names it, when a timer finds that its own time has come,
 * or when something that it depends on has changed; all others stay as they are.
 */
export function ownersOf(
  plan: NodePlan,
  before: EngineState,
  next: EngineState,
  event: EngineEvent,
  changedServices: readonly string[],
): readonly InstancePlan[] {
  if (isForAll(plan, before, next)) return plan.instances
  const named = namedBy(before, next, event)
  if (named === 'all') return plan.instances
  const { tracking } = indexOf(plan)
  const names = [
    ...named,
    ...changedServices.flatMap((service) => tracking.get(service)?.map(({ name }) => name) ?? []),
    ...(event.kind === 'timer' ? instancesOf(before).dueBy(event.now) : []),
  ]
  return inOrder(plan, names)
}

/** The whole node is in another state, or goes by another plan. */
const isForAll = (plan: NodePlan, before: EngineState, next: EngineState): boolean =>
  before.follows !== plan ||
  before.stopping !== next.stopping ||
  before.leaving !== next.leaving ||
  before.wokeAt !== next.wokeAt ||
  before.arp !== next.arp ||
  before.stations !== next.stations ||
  before.lostWitnesses !== next.lostWitnesses

function inOrder(plan: NodePlan, names: readonly string[]): readonly InstancePlan[] {
  const { instances } = indexOf(plan)
  if (names.length <= 1) return names.flatMap((name) => instances.get(name) ?? [])
  const wanted = new Set(names)
  return plan.instances.filter(({ name }) => wanted.has(name))
}

function namedBy(before: EngineState, next: EngineState, event: EngineEvent): 'all' | readonly string[] {
  switch (event.kind) {
    case 'advert':
    case 'advert-ignored':
    case 'stranger':
    case 'foreign-claim':
    case 'lan-probe':
    case 'bind-failed':
    case 'able':
    case 'bindings-checked':
    case 'address-lost':
    case 'culprit':
    case 'repaired':
    case 'repair-failed':
    case 'reach':
    case 'lease':
    case 'fenced':
    case 'let-go':
    case 'admitted':
    case 'handed-on':
    case 'opened':
    case 'advert-sent':
    case 'bound':
    case 'gate-opened':
    case 'gate-failed':
      return [event.instance]
    case 'hold':
    case 'back':
      return event.instances.length === 0 ? 'all' : event.instances
    case 'start':
    case 'link':
    case 'socket':
    case 'addresses':
    case 'stop':
    case 'leave':
    case 'peer-broken':
    case 'fence':
      return 'all'
    case 'peer-heard':
      return heardOf(before, next, event)
    // It ends doubts, and tells nothing else.
    case 'peer-unproven':
    case 'neighbour':
      return instancesOf(before).marked(MARK.watches)
    case 'peer-path':
      return wasLanSilent(before.peers.get(event.node), event) ? 'all' : []
    case 'timer':
    case 'peer-met':
    case 'witness':
    case 'arp-ready':
    case 'probed':
    case 'config-tested':
    case 'restarted':
    case 'main-process':
      return []
    default:
      return assertNever(event)
  }
}

/**
 * The instances of which a report tells, and those of which its node tells nothing. All, when it says something new of its
 * node, or that was silent until now.
 */
function heardOf(
  before: EngineState,
  next: EngineState,
  event: Extract<EngineEvent, { readonly kind: 'peer-heard' }>,
): 'all' | readonly string[] {
  const was = before.peers.get(event.node)
  const is = next.peers.get(event.node)
  if (was === undefined || is === undefined) return 'all'
  // One that leaves is met with each word of it.
  if (was.metAt !== is.metAt && is.head?.leaving !== true) return 'all'
  if (was.brokenAt !== undefined && was.brokenAt >= (was.heardAt ?? was.brokenAt)) return 'all'
  if (!isSameHead(was.head, is.head)) return 'all'
  if (wasLanSilent(was, event)) return 'all'
  const told = event.report.instances.map(({ name }) => name)
  if (is.instances.size >= before.instances.size || !isWhole(is)) return told
  return [...told, ...[...before.instances.keys()].filter((name) => !is.instances.has(name))]
}

const isSameHead = (was: PeerFacts['head'], is: PeerFacts['head']): boolean =>
  was?.leaving === is?.leaving &&
  was?.standby === is?.standby &&
  was?.every === is?.every &&
  was?.roster.digest === is?.roster.digest

/** Something came by the way over the LAN that was missed there. */
const wasLanSilent = (
  facts: PeerFacts | undefined,
  { path, now }: { readonly path: string; readonly now: Micros },
): boolean => {
  const lan = facts?.paths[0]
  if (facts?.head === undefined || lan === undefined) return true
  const isLan = path === lan.name
  return isLan && (lan.heardAt === undefined || now >= plus(lan.heardAt, lanSilentAfter(facts.head.every)))
}
