import { isSound, telling } from '../../probes/policy.ts'
import type { ServiceState } from '../../probes/types.ts'
import { assertNever } from '../../shared/errors.ts'
import { type Micros, micros, minus, ZERO } from '../../shared/units.ts'
import type { PeerHead, PeerInstance, PeerMove, PeerService } from '../peer/types.ts'
import { isAny, MARK } from './instance-table.ts'
import { participation } from './participation.ts'
import type { ChannelPlan, Move, PeerRuntime } from './peer-types.ts'
import { isListening, lanOf, listensUntil, promisedWait, readinessOf } from './peer-view.ts'
import { indexOf } from './plan-index.ts'
import type { EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** What this node says to the others: of itself, and of each instance and service. PURE. When: peer-talk.ts. */

export function headReport(plan: NodePlan, { digests, every }: ChannelPlan, state: EngineState): PeerHead {
  return {
    // The shell's part: version and lateness.
    haup: '',
    lateness: ZERO,
    leaving: state.stopping,
    standby: isOnStandby(state),
    digests,
    every,
    roster: indexOf(plan).roster,
  }
}

export const isOnStandby = (state: EngineState): boolean => !isAny(state, MARK.serves)

/** As its probes are now: others judge by it whether it could serve in their place, or fails as theirs does. */
export const serviceReport = (name: string, service: ServiceState): PeerService => ({
  name,
  good: isSound(service),
  detail: isSound(service) ? service.phase.kind : telling(service),
})

export function instanceReport(instance: InstancePlan, state: EngineState, now: Micros): PeerInstance | undefined {
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
    readiness: readinessOf(runtime, part, state),
    open: openFor(instance, runtime, state, now),
    advert: followedAdvert(peer.followed, now),
    follows: peer.verdict.kind === 'follow' ? peer.verdict.node : undefined,
    listens: isListening(listensUntil(instance, runtime, state, now), now),
    refuses: peer.refusal?.node,
    priority: part.takesPart ? part.priority : 0,
    wait: promisedWait(instance, runtime, now),
    lan: lanOf(instance, runtime, state, now),
    claim: peer.claim?.asks === true ? peer.claim.id : undefined,
    grant: peer.grant === undefined ? undefined : { to: peer.grant.to, claim: peer.grant.claim },
    move: peer.move === undefined ? undefined : moveReport(peer.move),
  }
}

/** Undefined: not fenced, so that nothing can be said. */
function openFor({ gate }: InstancePlan, runtime: InstanceRuntime, { fenced }: EngineState, now: Micros) {
  if (gate.kind !== 'on' || !fenced) return undefined
  const until = runtime.gate.open?.until ?? ZERO
  return micros(Math.max(0, until - now))
}

/** Others number no adverts, or not so that one can be told from the next. */
const followedAdvert = (followed: PeerRuntime['followed'], now: Micros): PeerInstance['advert'] =>
  followed === undefined || followed.id === 0
    ? undefined
    : { node: followed.node, id: followed.id, age: minus(now, followed.at) }

function moveReport(move: Move): PeerMove | undefined {
  const { id, with: other } = move
  if (move.side === 'out' && move.step === 'queued') return undefined
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

/** All of an instance that others act on. */
export function essence(report: PeerInstance | undefined): string {
  if (report === undefined) return ''
  const { reason: _reason, age: _age, advert: _advert, open, ...rest } = report
  return JSON.stringify([rest, open === undefined || open > 0])
}
