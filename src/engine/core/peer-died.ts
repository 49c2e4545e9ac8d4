import { fromMillis, type Micros, micros, plus } from '../../shared/units.ts'
import { logHintDark, logHintHeld } from './peer-text.ts'
import type { View } from './peer-view.ts'
import { forget, say } from './said.ts'
import type { EngineAction, EngineEvent, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * Two hints that a holder holds no more, and the look at the LAN that makes either as good as its own word: then the best
 * one of the other nodes claims at once (peer-claim.ts). Otherwise the timers decide as without the hint. PURE.
 *
 *   broken     the connection to its engine ended without a farewell: the box must answer for its own address and not for
 *              the virtual ones, since the gate closed with the engine
 *   resigned   an advert with priority 0 and no report (its own address is gone, too). Anybody can send one, and many others
 *              beside it, which delay the answers: in two rounds nobody may answer for the virtual addresses, and the node is
 *              asked by the channel, too: any report of it ends the hint
 */

/** The gate closes with the engine within so long; an answer up to then may have been the last one. */
const CLOSING = fromMillis(10)
/** Answers to questions that are asked together come together. */
const TOGETHER = fromMillis(5)
const ROUND = fromMillis(35)
/** A busy kernel has been seen to take a tenth of a second to close a dead engine's sockets. */
const ROUNDS = 10
const ENOUGH: Readonly<Record<Died['hint'], number>> = { broken: 1, resigned: 2 }
/** An engine that starts again listens for longer before it claims. */
const GOOD_FOR = fromMillis(250)

export type Died = {
  readonly node: string
  readonly hint: 'broken' | 'resigned'
  readonly at: Micros
  readonly until: Micros
  readonly round: number
  /** Rounds in a row that ended as if it were dead. */
  readonly closed: number
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
  if (died !== undefined && died !== runtime.peer.died && died.at === view.now && died.round === 1) {
    return { runtime: heard, actions: [probe(instance)] }
  }
  if (died === undefined) return { runtime: heard, actions: [] }
  const other = view.others.find(({ name }) => name === died.node)
  if (other?.[died.hint] !== true || heard.router.phase.kind !== 'backup') return end(heard)
  if (view.now < died.until) return { runtime: heard, actions: [] }
  return judge(instance, heard, died, view)
}

function begin(instance: InstancePlan, runtime: InstanceRuntime, view: View, event: EngineEvent): InstanceRuntime {
  const hinted = hintOf(instance, runtime, view, event)
  const other = view.others.find(({ name }) => name === hinted?.node)
  if (hinted === undefined || other?.says?.holding !== true) return runtime
  // What has been asked for already needs less: the box may have lost its own address.
  if (runtime.peer.died?.hint === 'resigned' && runtime.peer.died.node === hinted.node && other.resigned) return runtime
  const { now } = view
  return withDied(runtime, {
    ...hinted,
    at: now,
    until: plus(now, ROUND),
    round: 1,
    closed: 0,
    ownAt: undefined,
    virtualAt: undefined,
    confirmed: false,
  })
}

function hintOf(
  { name: instance }: InstancePlan,
  { router: { phase }, peer }: InstanceRuntime,
  { others, nodeNames, hearsArp }: View,
  event: EngineEvent,
): Pick<Died, 'node' | 'hint'> | undefined {
  if (phase.kind !== 'backup') return undefined
  if (event.kind === 'peer-broken') {
    const isBroken = others.some(({ name, broken }) => broken && name === event.node)
    return isBroken ? { node: event.node, hint: 'broken' } : undefined
  }
  const isFarewell = event.kind === 'advert' && event.instance === instance && event.advert.priority === 0
  // The router hears it after this; repeated ones tell it nothing.
  if (!isFarewell || !hearsArp || phase.armedBy === 'release' || peer.move !== undefined) return undefined
  const node = nodeNames.get(event.from)
  return node === undefined ? undefined : { node, hint: 'resigned' }
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

function judge(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  died: Died,
  { now, hearsArp }: Pick<View, 'now' | 'hearsArp'>,
): DiedStep {
  const { node, hint, ownAt, virtualAt, round, confirmed } = died
  if (confirmed) return end(runtime)
  const again = plus(died.at, CLOSING)
  // Silence tells only those something who were there to hear an answer.
  const isListener = hearsArp && now < plus(died.until, CLOSING)
  // When one answer to the second probe came, so would the other one.
  const isThere = (hint === 'resigned' && isListener) || (ownAt !== undefined && ownAt >= again)
  const isClosed = isThere && (virtualAt === undefined || virtualAt < again)
  const closed = isClosed ? died.closed + 1 : 0
  if (closed >= ENOUGH[hint]) {
    const sure = withDied(runtime, { ...died, confirmed: true, until: plus(now, GOOD_FOR) })
    return { runtime: { ...sure, peer: { ...sure.peer, gone: new Map(sure.peer.gone).set(node, now) } }, actions: [] }
  }
  if (hint === 'broken' && ownAt === undefined && round > 1)
    return giveUp(runtime, now, (more) => logHintDark(instance, node, more))
  if (round >= ROUNDS) return giveUp(runtime, now, (more) => logHintHeld(instance, node, hint, more))
  const next: Died = {
    ...died,
    at: now,
    until: plus(now, ROUND),
    round: round + 1,
    closed,
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

/** Said at a bounded pace: anybody can make such hints. */
function giveUp(runtime: InstanceRuntime, now: Micros, logWith: (more: number) => EngineAction): DiedStep {
  const { said, line } = say(runtime.said.get(HINT), HINT, now)
  const next = { ...runtime, said: new Map(runtime.said).set(HINT, forget(said)) }
  return { runtime: withDied(next, undefined), actions: line === undefined ? [] : [logWith(line.more)] }
}

const HINT = 'hint'

const withDied = (runtime: InstanceRuntime, died: Died | undefined): InstanceRuntime =>
  runtime.peer.died === died ? runtime : { ...runtime, peer: { ...runtime.peer, died } }
