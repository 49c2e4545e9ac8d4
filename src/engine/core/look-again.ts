import { type Micros, micros, minus, plus } from '../../shared/units.ts'
import { doubtDeadline } from './adverts.ts'
import { boundUntil, patienceOf } from './decide.ts'
import { OFFER_AGAIN, UNHEARD_AFTER } from './decide-active.ts'
import { IN_TIME, standingLimit } from './hold-limit.ts'
import { fenceDeadline } from './peer-absent.ts'
import { grantDeadline } from './peer-grant.ts'
import { noteDeadline } from './peer-note.ts'
import { type View, waitFor } from './peer-view.ts'
import { refusalDeadline } from './refusal.ts'
import type { EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * When an instance may decide otherwise although nothing happens: the first instant after `now` at which a span that it
 * counts has passed. PURE. Whoever lets time decide something names the instant here: nobody looks before it.
 */
export function lookAgainAt(
  view: View,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
): Micros | undefined {
  const { now } = view
  let first: Micros | undefined
  for (const at of [...timesOf(view, instance, runtime, state), ...silencesOf(view, instance, runtime)]) {
    if (at !== undefined && at > now && (first === undefined || at < first)) first = at
  }
  // What is given up at a time that has passed is given up now.
  const { move, died } = runtime.peer
  for (const at of [move?.until, died?.until, grantDeadline(runtime)]) {
    if (at !== undefined && (first === undefined || at < first)) first = at
  }
  return first
}

function timesOf(view: View, instance: InstancePlan, runtime: InstanceRuntime, state: EngineState) {
  const { peer, gate, router } = runtime
  const patience = patienceOf(instance, runtime, view)
  return [
    fenceDeadline(runtime, view.now),
    noteDeadline(runtime, view),
    refusalDeadline(instance, runtime, view),
    doubtDeadline(instance, runtime, view.now),
    peer.verdict.kind === 'waiting' ? peer.verdict.until : undefined,
    standingLimit(view.channel, instance, state, view.now)?.until,
    view.listensUntil,
    peer.keptWait?.until,
    peer.tookFrom?.until,
    runtime.damping?.until,
    after(peer.offeredAt, OFFER_AGAIN),
    after(peer.ableSince, patience),
    after(peer.claim?.since, patience),
    router.phase.kind === 'backup' ? router.phase.masterDownAt : undefined,
    router.phase.kind === 'backup' ? boundUntil(instance, runtime, view) : undefined,
    gate.open?.until,
    gate.notBefore,
    // What others allow may have become more meanwhile.
    gate.asked && minus(gate.asked.until, IN_TIME),
  ]
}

/** When a live node will count as silent, and when a second active one will count as not hearing this node. */
const silencesOf = (view: View, instance: InstancePlan, runtime: InstanceRuntime) =>
  view.others.flatMap(({ name, facts }) => [
    facts.heardAt && plus(facts.heardAt, waitFor(instance, runtime, facts, view.now)),
    runtime.peer.rival?.node === name
      ? plus(runtime.peer.rival.since, micros(UNHEARD_AFTER * (facts.head?.every ?? 0) + 1))
      : undefined,
  ])

const after = (since: Micros | undefined, span: Micros): Micros | undefined => since && plus(since, span)
