import { fromMillis, type Micros, micros, plus } from '../../shared/units.ts'
import { noteFenced } from './peer-absent.ts'
import { absent, alive, isComplete, isReachFresh, lanOf, type Other, type View } from './peer-view.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/** What an instance notes of the channel before its router follows: what it holds, and whether it is cut off. PURE. */

const REACH_AGAIN = fromMillis(500)

export function notePeers(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  state: EngineState,
  event: EngineEvent,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  const noted = noteFenced(instance, noteHolding(instance, noteReach(instance, runtime, event), event), event)
  const lan = lanOf(instance, noted, state, view.now)
  const isolated = isolation({ ...view, lan }, isReachFresh(noted, view.now), state)
  const nobodyReadier = isComplete(view) && alive(view).every(({ says }) => says?.ready !== true)
  const next = { ...noted, peer: { ...noted.peer, isolated, nobodyReadier } }
  const asked = askReach(instance, next, view)
  return { ...asked, actions: [...asked.actions, ...meet(instance, state, event)] }
}

/** Hardware addresses of other nodes are needed for a planned move, before there is time to ask for them. */
function meet(instance: InstancePlan, { stations }: EngineState, event: EngineEvent): readonly EngineAction[] {
  if (event.kind !== 'peer-heard') return []
  const isMet = instance.peers.every(({ name, address }) => name !== event.node || stations.has(address))
  return isMet ? [] : [{ kind: 'probe-lan', instance: instance.name, again: REACH_AGAIN }]
}

function noteReach(instance: InstancePlan, runtime: InstanceRuntime, event: EngineEvent): InstanceRuntime {
  if (event.kind !== 'reach' || event.instance !== instance.name) return runtime
  const askedAt = runtime.peer.reach?.askedAt ?? event.now
  return { ...runtime, peer: { ...runtime.peer, reach: { askedAt, answer: event.lan, answeredAt: event.now } } }
}

/** A master holds from its claim on; whoever lets go does so until the kernel has shown it. */
function noteHolding(instance: InstancePlan, runtime: InstanceRuntime, event: EngineEvent): InstanceRuntime {
  const { peer, router } = runtime
  if (event.kind === 'let-go' && event.instance === instance.name && router.phase.kind !== 'master') {
    return { ...runtime, peer: { ...peer, holding: false, heldSince: undefined } }
  }
  return runtime
}

/**
 * Whether this node must not hold: a configured witness is lost, or nothing on the LAN answers, and another node is
 * better off. When all are alike, the witness itself is gone, and nobody lets go.
 */
function isolation(view: View, isAnswered: boolean, { lostWitnesses }: EngineState): string | undefined {
  if (view.lan !== 'dark' && view.lan !== 'unknown') return undefined
  const seeing = alive(view).filter(({ says }) => says !== undefined && says.lan !== 'dark' && says.lan !== 'down')
  const reaching = seeing.filter(({ says }) => says?.lan === 'reached')
  const [lost] = [...lostWitnesses]
  if (lost !== undefined) {
    if (alive(view).length > 0 && seeing.length === 0) return undefined
    return `cut off: the witness ${lost[0]} does not answer (${lost[1]})`
  }
  if (view.lan === 'dark' && seeing.length > 0)
    return `cut off: nothing on the LAN answers, ${names(seeing)} is not cut off`
  // Before the answer there is nothing that this node fails to show.
  if (!isAnswered) return undefined
  const asking = reaching.filter(({ lanSilent, says }) => lanSilent && says?.claim !== undefined)
  return asking.length > 0 ? `${names(asking)} reaches the LAN, and nothing shows that this node does` : undefined
}

const names = (others: readonly Other[]): string => others.map(({ name }) => name).join(' and ')

/** The LAN is asked while another node is heard by another way only, or claims, or is missed. */
function askReach(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  const { reach } = runtime.peer
  const isDoubtful =
    alive(view).some(({ lanSilent }) => lanSilent) || (reach?.answer === 'dark' && absent(view).length === 0)
  if (!isDoubtful || (reach !== undefined && view.now < plus(reach.askedAt, REACH_AGAIN))) {
    return { runtime, actions: [] }
  }
  const asked = { answer: 'unknown' as const, answeredAt: undefined, ...reach, askedAt: view.now }
  return {
    runtime: { ...runtime, peer: { ...runtime.peer, reach: asked } },
    actions: [{ kind: 'check-reach', instance: instance.name }],
  }
}

/** When the LAN path of somebody will count as silent, or the LAN is to be asked again. */
export function noteDeadline(runtime: InstanceRuntime, view: View): Micros | undefined {
  const times = view.others.flatMap(({ facts: { paths, report } }) => {
    const at = paths[0]?.heardAt
    return at === undefined || report === undefined ? [] : [plus(at, micros(1.5 * report.every + 1))]
  })
  const { reach } = runtime.peer
  if (reach !== undefined && alive(view).some(({ lanSilent }) => lanSilent))
    times.push(plus(reach.askedAt, REACH_AGAIN))
  return times.filter((at) => at > view.now).toSorted((a, b) => a - b)[0]
}
