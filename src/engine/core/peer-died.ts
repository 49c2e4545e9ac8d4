import { fromMillis, type Micros, micros, plus } from '../../shared/units.ts'
import { logHintDark, logHintHeld } from './peer-text.ts'
import type { View } from './peer-view.ts'
import type { EngineAction, EngineEvent, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * The connection to a holder's engine ended without a farewell. That is a hint: the LAN is asked, and only when the box
 * answers for its own address and not for the virtual ones (the gate closed with the engine) is it as good as a release:
 * then the best one of the other nodes claims at once (peer-claim.ts). Otherwise the timers decide as without the hint. PURE.
 */

/** The gate closes with the engine within so long; an answer up to then may have been the last one. */
const CLOSING = fromMillis(10)
/** Answers to questions that are asked together come together. */
const TOGETHER = fromMillis(5)
const ROUND = fromMillis(35)
/** A busy kernel has been seen to take a tenth of a second to close a dead engine's sockets. */
const ROUNDS = 10
/** An engine that starts again listens for longer before it claims. */
const GOOD_FOR = fromMillis(250)

export type Died = {
  readonly node: string
  readonly at: Micros
  readonly until: Micros
  readonly round: number
  /** When its own address, and when a virtual one, was answered for last. */
  readonly ownAt: Micros | undefined
  readonly virtualAt: Micros | undefined
  /** It is dead for sure, until `until`. */
  readonly confirmed: boolean
}

export type DiedStep = { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] }

export function followDied(instance: InstancePlan, runtime: InstanceRuntime, view: View, event: EngineEvent): DiedStep {
  const heard = hear(instance, begin(instance, runtime, view, event), view, event)
  const { died } = heard.peer
  const starts = died !== undefined && died !== runtime.peer.died && died.round === 1 && event.kind === 'peer-broken'
  if (starts) return { runtime: heard, actions: [probe(instance)] }
  if (died === undefined) return { runtime: heard, actions: [] }
  const other = view.others.find(({ name }) => name === died.node)
  if (other?.broken !== true || heard.router.phase.kind !== 'backup') return end(heard)
  if (view.now < died.until) return { runtime: heard, actions: [] }
  return judge(instance, heard, died, view.now)
}

function begin(instance: InstancePlan, runtime: InstanceRuntime, view: View, event: EngineEvent): InstanceRuntime {
  if (event.kind !== 'peer-broken' || runtime.router.phase.kind !== 'backup') return runtime
  const other = view.others.find(({ name }) => name === event.node)
  if (
    other?.broken !== true ||
    other.says?.holding !== true ||
    !instance.peers.some(({ name }) => name === event.node)
  ) {
    return runtime
  }
  const { now } = view
  return withDied(runtime, {
    node: event.node,
    at: now,
    until: plus(now, ROUND),
    round: 1,
    ownAt: undefined,
    virtualAt: undefined,
    confirmed: false,
  })
}

function hear(instance: InstancePlan, runtime: InstanceRuntime, view: View, event: EngineEvent): InstanceRuntime {
  const { died } = runtime.peer
  if (died === undefined) return runtime
  const isNode = event.kind === 'neighbour' && view.nodeNames.get(event.address) === died.node
  if (isNode) return withDied(runtime, untilOf({ ...died, ownAt: view.now }, view.now))
  const isHeld = event.kind === 'foreign-claim' && event.instance === instance.name
  return isHeld ? withDied(runtime, untilOf({ ...died, virtualAt: view.now }, view.now)) : runtime
}

/** It seems to be closed: soon known. It is still open: asked again later, for a kernel may be slow to close it. */
function untilOf(died: Died, now: Micros): Died {
  const { at, until, ownAt, virtualAt, confirmed } = died
  const again = plus(at, CLOSING)
  if (confirmed || now < again) return died
  if (virtualAt !== undefined && virtualAt >= again) return { ...died, until: plus(at, ROUND) }
  return ownAt === undefined ? died : { ...died, until: micros(Math.min(until, plus(now, TOGETHER))) }
}

function judge(instance: InstancePlan, runtime: InstanceRuntime, died: Died, now: Micros): DiedStep {
  const { ownAt, virtualAt, round, confirmed } = died
  if (confirmed) return end(runtime)
  const again = plus(died.at, CLOSING)
  // When one answer to the second probe came, so would the other one.
  const isClosed = ownAt !== undefined && ownAt >= again && (virtualAt === undefined || virtualAt < again)
  if (isClosed) {
    return { runtime: withDied(runtime, { ...died, confirmed: true, until: plus(now, GOOD_FOR) }), actions: [] }
  }
  if (ownAt === undefined && round > 1) return giveUp(runtime, logHintDark(instance, died.node))
  if (round >= ROUNDS) return giveUp(runtime, logHintHeld(instance, died.node))
  const next: Died = {
    ...died,
    at: now,
    until: plus(now, ROUND),
    round: round + 1,
    ownAt: undefined,
    virtualAt: undefined,
  }
  return { runtime: withDied(runtime, next), actions: [probe(instance)] }
}

const probe = ({ name }: InstancePlan): EngineAction => ({ kind: 'probe-lan', instance: name, again: CLOSING })

const end = (runtime: InstanceRuntime): DiedStep => ({
  runtime: withDied(runtime, undefined),
  actions: [],
})

const giveUp = (runtime: InstanceRuntime, said: EngineAction): DiedStep => ({
  runtime: withDied(runtime, undefined),
  actions: [said],
})

const withDied = (runtime: InstanceRuntime, died: Died | undefined): InstanceRuntime =>
  runtime.peer.died === died ? runtime : { ...runtime, peer: { ...runtime.peer, died } }
