import type { Others } from '../../probes/types.ts'
import type { Micros } from '../../shared/units.ts'
import type { PeerFacts } from '../peer/types.ts'
import { alive, isOnLan, type Other, type View, viewOf } from './peer-view.ts'
import { indexOf } from './plan-index.ts'
import type { EngineEvent, EngineState, InstancePlan, NodePlan } from './types.ts'

/** What a service's policy has to know of the other nodes. PURE. */

/** Those that are heard, for the service of this name. */
export function othersOf(plan: NodePlan, state: EngineState, service: string, now: Micros): Others {
  const tracking = indexOf(plan).tracking.get(service) ?? []
  const views = tracking.flatMap((instance) => viewFor(plan, instance, state, now) ?? [])
  const [any] = views
  const heard = any === undefined ? [] : alive(any.view).map(({ name }) => name)
  const said = heard.flatMap((node) => {
    const row = state.peers.get(node)?.services.get(service)
    return row === undefined ? [] : [{ node, ...row.says }]
  })
  const sound = new Set(said.filter(({ good }) => good).map(({ node }) => node))
  return {
    ready: tracking.every((instance) => isRelieved(instance, state, views, sound)),
    sound: sound.size > 0,
    wrong: said.filter(({ good }) => !good).map(({ node, detail }) => ({ node, detail })),
  }
}

type Viewed = { readonly instance: InstancePlan; readonly view: View }

function viewFor(plan: NodePlan, instance: InstancePlan, state: EngineState, now: Micros): Viewed | undefined {
  const runtime = state.instances.get(instance.name)
  const view = runtime && viewOf(plan, instance, runtime, state, now)
  return view && { instance, view }
}

/** This node serves nobody by the instance, or another one could. */
function isRelieved(
  instance: InstancePlan,
  { instances }: EngineState,
  views: readonly Viewed[],
  sound: ReadonlySet<string>,
): boolean {
  if (instances.get(instance.name)?.router.phase.kind !== 'master') return true
  const view = views.find((each) => each.instance === instance)?.view
  return view !== undefined && alive(view).some((other) => couldServe(other) && sound.has(other.name))
}

const couldServe = (other: Other): boolean => other.rank.readiness === 'serves' && isOnLan(other)

/** Services with which another node has a fault from now on: what they depend on may be the same. */
export const doubted = (
  before: PeerFacts | undefined,
  { report }: Extract<EngineEvent, { readonly kind: 'peer-heard' }>,
): readonly string[] =>
  report.services
    .filter(({ name, good }) => !good && before?.services.get(name)?.says.good === true)
    .map(({ name }) => name)
