import type { Result } from '../../shared/result.ts'
import { earliest, fromMillis, type Micros, micros, minus, plus } from '../../shared/units.ts'
import { type LeaseNotice, noticeOf } from './lease-text.ts'
import type { ArbiterFailure, ArbiterGrant, ArbiterView } from './witness.ts'

/**
 * PURE: one instance's lease at an arbiter: when to ask for it, to renew it and to give it back, and until when it lets the
 * gate be open. One call at a time; every call is answered, for the port bounds it.
 */

/** Clock rates agree within 1 % (core/gate-deadline.ts): the holder counts that much less, who waits that much more. */
const RATE = 0.01
/** From reading our clock until the gate has closed: as PROCESSING in core/gate-deadline.ts. */
const PROCESSING = fromMillis(20)

/** How long after a request was begun its grant is good by our clock. */
export const ownTerm = (ttl: Micros): Micros => minus(Math.floor(ttl * (1 - RATE)) as Micros, PROCESSING)

/** How long a lease of somebody else must be seen unchanged, by our clock, before it has run out by its holder's. */
export const foreignTerm = (ttl: Micros): Micros => micros(ttl * (1 + RATE))

export type LeaseConfig = { readonly holder: string; readonly ttl: Micros }

/** `look` keeps an eye on the lease while it is not wanted, so that the time of a dead holder runs from its death on. */
export type LeaseCall = 'acquire' | 'renew' | 'release' | 'look'

export type LeasePhase =
  | { readonly kind: 'none' }
  /** Ours until then. */
  | { readonly kind: 'held'; readonly until: Micros }
  /** It was ours, and is wanted. */
  | { readonly kind: 'lost'; readonly since: Micros }

export type LeaseState = {
  readonly phase: LeasePhase
  readonly wanted: boolean
  /** Under way. */
  readonly call: LeaseCall | undefined
  readonly askAt: Micros | undefined
  /** The store may still have it as ours, at most until then: it is given back when it is not wanted. */
  readonly owed: Micros | undefined
  /** Why the last call failed; undefined: it did not. */
  readonly failure: ArbiterFailure | undefined
  readonly view: ArbiterView | undefined
}

export type LeaseEvent = { readonly now: Micros } & (
  | { readonly kind: 'timer' }
  /** Not wanted any more: say so only when the gate is closed, since it is given back at once. */
  | { readonly kind: 'want'; readonly wanted: boolean }
  | { readonly kind: 'granted'; readonly grant: Result<ArbiterGrant, ArbiterFailure> }
  | { readonly kind: 'released'; readonly answer: Result<void, ArbiterFailure> }
  | { readonly kind: 'seen'; readonly view: Result<ArbiterView, ArbiterFailure> }
)

export type LeaseAction = { readonly kind: 'call'; readonly call: LeaseCall } | LeaseNotice

export type LeaseStep = { readonly state: LeaseState; readonly actions: readonly LeaseAction[] }

/** The first `timer` asks. */
export const newLeaseState = (now: Micros): LeaseState => ({
  phase: { kind: 'none' },
  wanted: false,
  call: undefined,
  askAt: now,
  owed: undefined,
  failure: undefined,
  view: undefined,
})

/** Until when the gate may be open; undefined: it must be closed. */
export const leaseLimit = ({ phase }: LeaseState): Micros | undefined =>
  phase.kind === 'held' ? phase.until : undefined

/** When a `timer` is due. */
export const leaseDeadline = ({ phase, call, askAt }: LeaseState): Micros | undefined =>
  earliest(phase.kind === 'held' ? phase.until : undefined, call === undefined ? askAt : undefined)

export function leaseStep(config: LeaseConfig, state: LeaseState, event: LeaseEvent): LeaseStep {
  const told = expire(take(config, state, event), event.now)
  const { state: next, actions } = ask(config, told, event.now)
  return { state: next, actions: [...noticeOf(state, next, event.now), ...actions] }
}

function take(config: LeaseConfig, state: LeaseState, event: LeaseEvent): LeaseState {
  const { now } = event
  switch (event.kind) {
    case 'timer':
      return state
    case 'want':
      if (event.wanted === state.wanted) return state
      return { ...state, wanted: event.wanted, askAt: now, phase: { kind: 'none' } }
    case 'granted':
      return takeGrant(config, { ...state, call: undefined }, event.grant, now)
    case 'released': {
      const settled = { ...state, call: undefined, askAt: plus(now, retryAfter(config)) }
      return event.answer.ok
        ? { ...settled, owed: undefined, failure: undefined, askAt: state.wanted ? now : settled.askAt }
        : { ...settled, failure: event.answer.error }
    }
    case 'seen': {
      const settled = { ...state, call: undefined, askAt: state.wanted ? now : plus(now, lookAfter(config)) }
      return event.view.ok
        ? { ...settled, failure: undefined, view: event.view.value }
        : { ...settled, failure: event.view.error }
    }
  }
}

function takeGrant(
  config: LeaseConfig,
  state: LeaseState,
  grant: Result<ArbiterGrant, ArbiterFailure>,
  now: Micros,
): LeaseState {
  if (!grant.ok) return takeFailure(config, state, grant.error, now)
  // Nobody waits for it any more, or it came too late: what is `owed` gives it back.
  if (!state.wanted) return { ...state, askAt: now }
  const until = grant.value.expiresAt
  const begun = minus(until, ownTerm(config.ttl))
  return {
    ...state,
    phase: until > now ? { kind: 'held', until } : state.phase,
    failure: undefined,
    askAt: micros(Math.max(now, begun + config.ttl / 3)),
  }
}

function takeFailure(config: LeaseConfig, state: LeaseState, failure: ArbiterFailure, now: Micros): LeaseState {
  if (!state.wanted) return { ...state, failure, askAt: now }
  const askAt = plus(now, failure.kind === 'gone' ? micros(0) : retryAfter(config, failure))
  // No answer: what we were granted before is good until its end.
  if (failure.kind === 'unreachable' || state.phase.kind !== 'held') return { ...state, failure, askAt }
  return { ...state, failure, askAt, phase: { kind: 'lost', since: now }, owed: undefined }
}

function expire(state: LeaseState, now: Micros): LeaseState {
  if (state.phase.kind !== 'held' || now < state.phase.until) return state
  return { ...state, phase: { kind: 'lost', since: now }, askAt: now }
}

function ask(config: LeaseConfig, state: LeaseState, now: Micros): LeaseStep {
  if (state.call !== undefined || state.askAt === undefined || now < state.askAt) return { state, actions: [] }
  const call = nextCall(state, now)
  // The store may count from any moment of the call on; a little more does no harm.
  const owed = call === 'acquire' || call === 'renew' ? micros(now + 2 * config.ttl) : state.owed
  return { state: { ...state, call, owed }, actions: [{ kind: 'call', call }] }
}

function nextCall({ wanted, phase, owed }: LeaseState, now: Micros): LeaseCall {
  if (wanted) return phase.kind === 'held' ? 'renew' : 'acquire'
  return owed !== undefined && now < owed ? 'release' : 'look'
}

/** A lease of somebody else's can be free the moment it runs out, and before, when it is given back. */
function retryAfter({ ttl }: LeaseConfig, failure?: ArbiterFailure): Micros {
  const step = Math.max(fromMillis(100), ttl / 20)
  return failure?.kind === 'held'
    ? micros(Math.min(Math.max(fromMillis(20), failure.forMs * 1_000), step))
    : micros(step)
}

/** Often enough that a dead holder's time is counted nearly from its death. */
const lookAfter = ({ ttl }: LeaseConfig): Micros => micros(Math.max(fromMillis(200), ttl / 10))
