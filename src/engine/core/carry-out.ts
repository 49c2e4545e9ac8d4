import { assertNever } from '../../shared/errors.ts'
import { plus } from '../../shared/units.ts'
import type { RouterEvent } from '../vrrp/types.ts'
import { fence } from './peer-absent.ts'
import { offer } from './peer-move.ts'
import { logDeferringTo, logDouble, logServingAgain, logWaiting } from './peer-text.ts'
import type { ClaimReason, PeerClaim } from './peer-types.ts'
import { isListening, type Other, type View, waitOf } from './peer-view.ts'
import { tookFrom } from './refusal.ts'
import type { EngineAction, InstancePlan, InstanceRuntime } from './types.ts'
import type { Missing, Verdict } from './verdict.ts'

/** What a verdict leads to: what is noted and said, and what the router is told. */
export type VerdictStep = {
  readonly runtime: InstanceRuntime
  readonly actions: readonly EngineAction[]
  /** For the router, in order. */
  readonly feeds: readonly RouterEvent[]
  /** The router must not have its timer: it may claim only by a feed. */
  readonly blocked: boolean
}

export function carryOut(instance: InstancePlan, runtime: InstanceRuntime, view: View, verdict: Verdict): VerdictStep {
  switch (verdict.kind) {
    case 'out':
      return over(instance, runtime, false)
    case 'waiting':
      return over(instance, runtime, verdict.until !== undefined)
    case 'grace':
    case 'voted':
    case 'transferring':
      return over(instance, runtime, true)
    case 'master':
      return settled(instance, withoutClaim(runtime), view)
    case 'conflict':
      return conflict(instance, withoutClaim(runtime), view, verdict)
    case 'lost-quorum':
      return { ...still(withoutClaim(runtime)), feeds: [{ kind: 'lapse', now: view.now, reason: verdict.reason }] }
    case 'offer': {
      const other = view.others.find(({ name }) => name === verdict.to)
      if (other === undefined) return still(runtime)
      const offered = offer(withoutClaim(runtime), view, other, { kind: 'preempted' })
      return still({ ...offered, peer: { ...offered.peer, offeredAt: view.now } })
    }
    case 'follow':
      return followHolder(instance, runtime, view, verdict.node, verdict.asks)
    case 'candidate':
      return stand(instance, runtime, view, verdict.cause, verdict.missing)
    case 'claim':
      return claim(instance, runtime, view, verdict)
    default:
      return assertNever(verdict)
  }
}

const still = (runtime: InstanceRuntime): VerdictStep => ({ runtime, actions: [], feeds: [], blocked: false })

/** Active and alone: a second one has let go, and clients may have its hardware address. */
function settled(instance: InstancePlan, runtime: InstanceRuntime, view: View): VerdictStep {
  const { rival } = runtime.peer
  if (rival === undefined) return still(runtime)
  const announce: EngineAction = { kind: 'router', instance: instance.name, action: { kind: 'announce' } }
  const isGone = view.others.some(({ name, holds }) => name === rival.node && !holds)
  return { ...still(withRival(runtime, undefined)), actions: isGone ? [announce] : [] }
}

function conflict(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  { with: name, why }: Extract<Verdict, { kind: 'conflict' }>,
): VerdictStep {
  const isNew = runtime.peer.rival?.node !== name
  const rival = isNew ? { node: name, since: view.now } : runtime.peer.rival
  const feeds: RouterEvent[] = why === undefined ? [] : [{ kind: 'lapse', now: view.now, reason: why }]
  const actions = isNew || why !== undefined ? [logDouble(instance, name, why)] : []
  const rivalled = withRival(runtime, rival)
  const isUnheard = why !== undefined && view.others.some((each) => each.name === name && each.life !== 'alive')
  const next = isUnheard ? { ...rivalled, peer: { ...rivalled.peer, unheardBy: name } } : rivalled
  return { ...still(next), actions, feeds }
}

const withRival = (runtime: InstanceRuntime, rival: InstanceRuntime['peer']['rival']): InstanceRuntime => ({
  ...runtime,
  peer: { ...runtime.peer, rival },
})

function followHolder(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  node: string,
  cause: ClaimReason | undefined,
): VerdictStep {
  const holder = view.others.find(({ name }) => name === node)
  if (cause === undefined || holder === undefined)
    return over(instance, runtime, cause === undefined && isOverdue(runtime, view))
  const { peer } = runtime
  const present: PeerClaim = { ...(peer.claim ?? { id: view.now, since: view.now, cause }), asks: true }
  const asked = { ...runtime, peer: { ...peer, claim: present } }
  const isSaid = peer.deferringTo?.node === node || !isMissed(instance, view, holder, runtime)
  if (cause.kind === 'preempt' || isSaid) return { runtime: asked, actions: [], feeds: [], blocked: true }
  return {
    runtime: { ...asked, peer: { ...asked.peer, deferringTo: { node, unheard: holder.lanSilent } } },
    actions: [logDeferringTo(instance, holder)],
    feeds: [],
    blocked: true,
  }
}

const isOverdue = ({ router: { phase } }: InstanceRuntime, { now }: View): boolean =>
  phase.kind === 'backup' && now >= phase.masterDownAt

/**
 * Adverts are blocked when the holder is heard after they were due. Until then it may as well have died after its last
 * report; and after this node woke late, they may still wait to be read.
 */
function isMissed(instance: InstancePlan, view: View, { facts }: Other, runtime: InstanceRuntime): boolean {
  const { phase } = runtime.router
  if (phase.kind !== 'backup' || isListening(view.listensUntil, view.now)) return false
  // Priority 0 shortened the wait, not the interval of the adverts.
  const dueAt =
    phase.armedBy === 'release' ? plus(phase.armedAt, waitOf(instance, runtime, view.now)) : phase.masterDownAt
  return (facts.heardAt ?? dueAt) > dueAt
}

/** Asks for votes, or gets first what is needed besides. */
function stand(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  cause: ClaimReason,
  missing: Missing,
): VerdictStep {
  const { claim, checks } = runtime.peer
  const before = claim?.cause.kind === cause.kind ? claim : undefined
  const asks = missing.kind === 'votes' || (missing.kind === 'fencing' && before?.asks === true)
  const isNew = asks && before?.asks !== true
  const present: PeerClaim =
    before === undefined || isNew ? { id: view.now, since: view.now, cause, asks } : { ...before, cause, asks }
  const asked = { ...runtime, peer: { ...runtime.peer, claim: present } }
  if (missing.kind === 'votes') return { runtime: asked, actions: [], feeds: [], blocked: true }
  const fenced =
    missing.kind === 'fencing' ? fence(instance, asked, missing.of, view.now) : { runtime: asked, actions: [] }
  if (checks.saidWaiting === missing.text) return { ...fenced, feeds: [], blocked: true }
  const { peer } = fenced.runtime
  return {
    runtime: { ...fenced.runtime, peer: { ...peer, checks: { ...peer.checks, saidWaiting: missing.text } } },
    actions: [...fenced.actions, logWaiting(instance, missing.text)],
    feeds: [],
    blocked: true,
  }
}

function claim(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  { cause, by }: Extract<Verdict, { kind: 'claim' }>,
): VerdictStep {
  if (by === 'timer') return { runtime, actions: [], feeds: [], blocked: false }
  const mistrusts =
    cause.kind === 'forsaken' ? tookFrom(instance, runtime, cause.node, view.now) : runtime.peer.tookFrom
  return {
    runtime: { ...runtime, peer: { ...runtime.peer, tookFrom: mistrusts } },
    actions: [],
    feeds: [{ kind: 'take', now: view.now, reason: reasonOf(cause) }],
    blocked: true,
  }
}

function reasonOf(cause: ClaimReason): string {
  if (cause.kind === 'released') return cause.text
  if (cause.kind === 'died') return `the engine of ${cause.node} died, and its gate is closed`
  if (cause.kind === 'forsaken') return `${cause.node} holds the addresses and does not serve: its gate is closed`
  return 'nobody holds the addresses, and all nodes agree'
}

/** No claim, or it has ended. */
function over(instance: InstancePlan, runtime: InstanceRuntime, blocked: boolean): VerdictStep {
  const { peer } = runtime
  const actions = peer.deferringTo === undefined ? [] : [logServingAgain(instance, peer.deferringTo.node)]
  return { runtime: withoutClaim(runtime), actions, feeds: [], blocked }
}

function withoutClaim(runtime: InstanceRuntime): InstanceRuntime {
  const { peer } = runtime
  const isIdle = peer.claim === undefined && peer.deferringTo === undefined && peer.checks.fencing.size === 0
  if (isIdle && peer.checks.saidWaiting === undefined) return runtime
  const checks = { fencing: new Map(), saidWaiting: undefined }
  return { ...runtime, peer: { ...peer, claim: undefined, deferringTo: undefined, checks } }
}
