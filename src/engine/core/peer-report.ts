import { describeFailure } from '../../probes/policy.ts'
import { assertNever } from '../../shared/errors.ts'
import { earliest, fromMillis, type Micros, micros, minus, plus, ZERO } from '../../shared/units.ts'
import type { PeerInstance, PeerMove, PeerReport, PeerService } from '../peer/types.ts'
import { participation } from './participation.ts'
import type { ChannelPlan, Move } from './peer-types.ts'
import { isReady, lanOf, promisedWait } from './peer-view.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, NodePlan } from './types.ts'

/** What this node says to the others, and when. PURE. */

/** While something is being agreed on, a lost report costs no more than this. */
const HASTE = fromMillis(20)
const ANSWERING = 1.2
/** A claim that nobody answers is no reason to hurry for longer. */
const HASTE_FOR = fromMillis(500)

export function talk(
  plan: NodePlan,
  state: EngineState,
  before: EngineState['peers'],
  event: EngineEvent,
): { readonly talk: EngineState['talk']; readonly actions: readonly EngineAction[] } {
  const { channel } = plan
  if (channel === undefined) return { talk: undefined, actions: [] }
  const { now } = event
  const report = reportOf(plan, channel, state, now)
  const said = essence(report)
  const due = state.talk === undefined || said !== state.talk.said || now >= state.talk.nextAt
  const answerAt = due ? now : answerTime(channel, state, before, event)
  if (state.talk !== undefined && (answerAt === undefined || answerAt > now)) {
    const sooner = micros(Math.min(state.talk.nextAt, answerAt ?? state.talk.nextAt))
    return { talk: sooner === state.talk.nextAt ? state.talk : { ...state.talk, nextAt: sooner }, actions: [] }
  }
  const nextAt = isHasty(state, now)
    ? plus(now, HASTE)
    : withAdvert(plan, state, now, plus(now, pause(channel, state, report)))
  const says: EngineAction = { kind: 'say', nodes: channel.peers, report }
  // What an engine says last, that it has let go, is not repeated: so it is said twice.
  return { talk: { said, saidAt: now, nextAt }, actions: state.stopping ? [says, says] : [says] }
}

function reportOf(plan: NodePlan, { digests, every }: ChannelPlan, state: EngineState, now: Micros): PeerReport {
  return {
    // The shell's part: version and lateness.
    haup: '',
    lateness: ZERO,
    leaving: state.stopping,
    standby: plan.instances.every(({ name }) => state.instances.get(name)?.hold?.standby === true),
    digests,
    every,
    instances: plan.instances.flatMap((instance) => instanceReport(instance, state, now) ?? []),
    services: [...state.services].map(
      ([name, { phase, verdict }]): PeerService => ({
        name,
        good: verdict === 'good',
        detail: phase.kind === 'failed' ? describeFailure(phase.reason) : phase.kind,
      }),
    ),
  }
}

function instanceReport(instance: InstancePlan, state: EngineState, now: Micros): PeerInstance | undefined {
  const runtime = state.instances.get(instance.name)
  if (runtime === undefined) return undefined
  const part = participation(instance, runtime, state.services)
  const { display, peer } = runtime
  return {
    name: instance.name,
    state: display.state,
    reason: display.reason,
    age: minus(now, display.since),
    holding: peer.holding,
    ready: isReady(runtime, part, state),
    priority: part.takesPart ? part.priority : 0,
    wait: promisedWait(instance, runtime, now),
    lan: lanOf(instance, runtime, state, now),
    claim: peer.claim?.asks === true ? peer.claim.id : undefined,
    grant: peer.grant === undefined ? undefined : { to: peer.grant.to, claim: peer.grant.claim },
    move: peer.move === undefined ? undefined : moveReport(peer.move),
  }
}

function moveReport(move: Move): PeerMove | undefined {
  const { id, with: other } = move
  if (move.side === 'out')
    return { id, with: other, step: move.step === 'closed' || move.step === 'lingering' ? 'closed' : 'offer' }
  const { step } = move
  switch (step) {
    case 'admitting':
      return undefined
    case 'prepared':
    case 'taken':
      return { id, with: other, step: 'prepared' }
    case 'opened':
    case 'refused':
      return { id, with: other, step }
    default:
      return assertNever(step)
  }
}

/** All that others act on. */
const essence = ({ leaving, standby, digests, every, instances, services }: PeerReport): string =>
  JSON.stringify([
    leaving,
    standby,
    digests,
    every,
    instances.map(({ reason: _reason, age: _age, ...rest }) => rest),
    services.map(({ name, good }) => [name, good]),
  ])

/**
 * When what was heard is answered; undefined: with the next report of ours. Whoever has heard nothing of us, or is heard
 * again, is told at once: it has little time to acknowledge something before whoever holds closes its gate. A holder's report is
 * acknowledged at once: its gate stays open for as long as can be, and what `status` shows of us is as fresh as its own.
 */
function answerTime(
  channel: ChannelPlan,
  state: EngineState,
  before: EngineState['peers'],
  event: EngineEvent,
): Micros | undefined {
  if (event.kind === 'peer-met') return event.now
  if (event.kind !== 'peer-heard' || state.talk === undefined) return undefined
  const heardAt = before.get(event.node)?.heardAt
  if (heardAt === undefined || event.now - heardAt > 2 * event.report.every) return event.now
  const { saidAt } = state.talk
  const isAsked = event.report.instances.some(
    ({ name, claim }) => claim !== undefined && state.instances.get(name)?.peer.holding === true,
  )
  if (isAsked) return micros(Math.max(event.now, plus(saidAt, HASTE)))
  if (!event.report.instances.some(({ holding }) => holding)) return undefined
  // Two that both hold something do not answer each other without end.
  if ([...state.instances.values()].some(({ peer }) => peer.holding)) {
    return event.now - saidAt >= channel.every / 4 ? event.now : undefined
  }
  return micros(Math.max(event.now, plus(saidAt, HASTE)))
}

/**
 * As often as the node that wants it most often, because what it acknowledges keeps a gate open for as long as it waits; also
 * when it is not heard, as it may hear us. Who answers a holder's reports does not come before them with reports of its own.
 */
function pause({ every: own }: ChannelPlan, { peers }: EngineState, said: PeerReport): Micros {
  const heard = [...peers.values()].flatMap(({ report }) => (report === undefined || report.leaving ? [] : [report]))
  const every = micros(Math.min(own, ...heard.map((report) => report.every)))
  const holds = ({ instances }: PeerReport): boolean => instances.some(({ holding }) => holding)
  const isAnswering = !holds(said) && heard.some(holds)
  return isAnswering ? micros(ANSWERING * every) : every
}

/**
 * A holder's report goes out with an advert: who hears neither any more waits for both, and so for no longer than VRRP
 * wants.
 */
function withAdvert({ instances }: NodePlan, state: EngineState, now: Micros, at: Micros): Micros {
  for (const { name, router } of instances) {
    const phase = state.instances.get(name)?.router.phase
    if (phase?.kind !== 'master' || phase.advertAt > at) continue
    const later = Math.floor((at - phase.advertAt) / router.advertInterval) * router.advertInterval
    const advertAt = plus(phase.advertAt, micros(later))
    if (advertAt > now) return advertAt
  }
  return at
}

const isHasty = ({ instances }: EngineState, now: Micros): boolean =>
  [...instances.values()].some(
    ({ peer: { move, claim } }) => move !== undefined || (claim !== undefined && now - claim.since < HASTE_FOR),
  )

/** When the channel needs a `timer`. */
export function peerDeadline({ talk: spoken, instances }: EngineState): Micros | undefined {
  let at = spoken?.nextAt
  for (const { peer } of instances.values()) at = earliest(at, peer.wakeAt)
  return at
}

/** Reports go out as often as the fastest adverts, within these bounds. */
export const reportEvery = (fastest: Micros): Micros => micros(Math.min(1_000_000, Math.max(100_000, fastest)))
