import { fromMillis, type Micros, micros, plus, ZERO } from '../../shared/units.ts'
import { judge } from './candidates.ts'
import { deafness, findsOutUntil, noteReach } from './lan-reach.ts'
import { noteFenced } from './peer-absent.ts'
import type { Reach } from './peer-types.ts'
import { alive, isComplete, isReachFresh, lanOf, type Other, REACH_FRESH, type View } from './peer-view.ts'
import { indexOf } from './plan-index.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'
import { noteVote } from './votes.ts'

/** What an instance notes of the channel before its router follows: what it holds, and whether it is cut off. PURE. */

const REACH_AGAIN = fromMillis(500)

export function notePeers(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  state: EngineState,
  event: EngineEvent,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  const voted = event.kind === 'peer-heard' ? noteVote(instance, runtime, event, view) : runtime
  const noted = noteFenced(instance, noteHolding(instance, noteReach(instance, voted, event), event), event)
  const lan = lanOf(instance, noted, state, view.now)
  const deaf = deafness(instance, noted)
  const apart = isolation({ ...view, lan }, noted, state) ?? outOfPlace(noted, view) ?? stillApart(noted, view)
  const isolated = deaf === undefined ? apart : undefined
  const nobodyReadier = isComplete(view) && alive(view).every(({ rank }) => rank.readiness === 'unable')
  const isAll = noted.router.phase.kind === 'master' && view.others.length === instance.peers.length
  const unbacked = isAll && view.others.every((each) => judge(instance, view, each).readiness === 'unable')
  const next = { ...noted, peer: { ...noted.peer, deaf, isolated, nobodyReadier, unbacked } }
  return askReach(instance, next, view)
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
function isolation(view: View, runtime: InstanceRuntime, { lostWitnesses }: EngineState): string | undefined {
  if (view.lan !== 'dark' && view.lan !== 'unknown') return undefined
  const seeing = alive(view).filter(({ says }) => says !== undefined && says.lan !== 'dark' && says.lan !== 'down')
  const reaching = seeing.filter(({ says }) => says?.lan === 'reached')
  const [lost] = [...lostWitnesses]
  if (lost !== undefined) {
    if (alive(view).length > 0 && seeing.length === 0) return undefined
    return `cut off: the witness ${lost[0]} does not answer (${lost[1]})`
  }
  const { reach } = runtime.peer
  if (view.lan === 'dark' && reach?.silent === true) {
    // Nobody was asked: a LAN may be as quiet as that, while somebody hears this node there.
    const missing = seeing.filter(
      (each) => isHeardElsewhere(each, view) && (each.holds || each.says?.claim !== undefined),
    )
    return missing.length > 0 ? `cut off: nothing arrives from the LAN, ${names(missing)} hears it` : undefined
  }
  if (view.lan === 'dark' && seeing.length > 0)
    return `cut off: nothing on the LAN answers, ${names(seeing)} is not cut off`
  // Before the answer there is nothing that this node fails to show.
  if (!isReachFresh(runtime, view.now)) return undefined
  const asking = reaching.filter(({ lanSilent, says }) => lanSilent && says?.claim !== undefined)
  return asking.length > 0 ? `${names(asking)} reaches the LAN, and nothing shows that this node does` : undefined
}

/** It speaks, and what it says comes by another way than the LAN. */
const isHeardElsewhere = ({ lanSilent, facts: { heardAt, head } }: Other, { now }: View): boolean =>
  lanSilent && heardAt !== undefined && now < plus(heardAt, lanSilentAfter(head?.every ?? ZERO))

/** The others have fallen silent since: whether nothing comes in any more is being found out. */
const stillApart = (runtime: InstanceRuntime, view: View): string | undefined =>
  alive(view).length === 0 &&
  runtime.peer.reach?.darkSince !== undefined &&
  findsOutUntil(runtime, view.now) !== undefined
    ? runtime.peer.isolated
    : undefined

/** A node whose own addresses are not where the instance needs them stands back for one that can serve. */
const outOfPlace = ({ place }: InstanceRuntime, view: View): string | undefined =>
  alive(view).some(({ rank }) => rank.readiness !== 'unable') ? place.misplaced : undefined

const names = (others: readonly Other[]): string => others.map(({ name }) => name).join(' and ')

/**
 * Hardware addresses of other nodes are needed for a planned move, before there is time to ask for them. One instance of
 * each interface asks.
 */
export function meet(plan: NodePlan, { stations }: EngineState, event: EngineEvent): readonly EngineAction[] {
  if (event.kind !== 'peer-heard' || plan.channel === undefined) return []
  const unmet = indexOf(plan)
    .stations.get(event.node)
    ?.filter(({ address }) => !stations.has(address))
  const asking = new Map(unmet?.map(({ instance, interface: name }) => [name, instance]))
  return [...asking.values()].map((instance) => ({ kind: 'probe-lan', instance, again: REACH_AGAIN }))
}

/**
 * The LAN is asked while another node is heard by another way only, while the holder is asked for the addresses, or hears no
 * other node, and while nobody answers.
 */
function askReach(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  const { reach } = runtime.peer
  if (!isDoubtful(runtime, view) || (reach !== undefined && view.now < plus(reach.askedAt, REACH_AGAIN))) {
    return { runtime, actions: [] }
  }
  const asked = { ...(reach ?? NEVER_ASKED), askedAt: view.now }
  return {
    runtime: { ...runtime, peer: { ...runtime.peer, reach: asked } },
    actions: [{ kind: 'check-reach', instance: instance.name }],
  }
}

const NEVER_ASKED: Omit<Reach, 'askedAt'> = {
  answer: 'unknown',
  answeredAt: undefined,
  silent: false,
  darkSince: undefined,
  deaf: false,
  stirred: 0,
}

function isDoubtful({ peer: { reach }, router }: InstanceRuntime, view: View): boolean {
  const others = alive(view)
  const isHolder = router.phase.kind === 'master'
  return (
    others.some(({ lanSilent, says }) => lanSilent || (isHolder && says?.claim !== undefined)) ||
    (isHolder && others.length === 0 && view.others.length > 0) ||
    reach?.deaf === true ||
    reach?.answer === 'dark'
  )
}

/** How long a node that reports so often says nothing by a path that works. */
export const lanSilentAfter = (every: Micros): Micros => micros(1.5 * every + 1)

/** When the LAN path of somebody will count as silent, or the LAN is to be asked again, or its answer is too old. */
export function noteDeadline(runtime: InstanceRuntime, view: View): Micros | undefined {
  const times = view.others.flatMap(({ facts: { paths, head } }) => {
    const at = paths[0]?.heardAt
    return at === undefined || head === undefined ? [] : [plus(at, lanSilentAfter(head.every))]
  })
  const { reach } = runtime.peer
  if (reach !== undefined && isDoubtful(runtime, view)) times.push(plus(reach.askedAt, REACH_AGAIN))
  if (reach?.answeredAt !== undefined) times.push(plus(reach.answeredAt, REACH_FRESH))
  const foundOutAt = findsOutUntil(runtime, view.now)
  if (foundOutAt !== undefined) times.push(foundOutAt)
  // What it says may have come by another way than the LAN until then.
  if (reach?.silent === true) {
    times.push(
      ...view.others.flatMap(({ facts: { heardAt, head } }) =>
        heardAt === undefined ? [] : [plus(heardAt, lanSilentAfter(head?.every ?? ZERO))],
      ),
    )
  }
  return times.filter((at) => at > view.now).toSorted((a, b) => a - b)[0]
}
