import { fromMillis, type Micros, micros, plus } from '../../shared/units.ts'
import { LAN } from './peer-hear.ts'
import type { Reach } from './peer-types.ts'
import type { EngineEvent, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * What a node learns of its own way to the LAN. PURE. One to which nothing comes is deaf: it hears no holder, and nobody could
 * reach it either, so that it takes no part. It finds out by silence, and forgets it by a sign only: not because time passes.
 */

/** An answer that nobody gave is there by then. */
const ANSWERED_WITHIN = fromMillis(250)
/** From the first answer that nobody gave: whether anything comes in at all is known by then, though one stray frame did. */
const FOUND_OUT_WITHIN = fromMillis(1_300)
/**
 * Frames of the switch itself (spanning tree, LLDP) come in by a port that is dead otherwise. Where nobody answers, what comes in
 * counts for as much as two silences, and ends deafness when it is so much ahead.
 */
const STIRRED_ENOUGH = 6
const STIR = 2

export function noteReach(instance: InstancePlan, runtime: InstanceRuntime, event: EngineEvent): InstanceRuntime {
  const { reach } = runtime.peer
  if (event.kind === 'reach' && event.instance === instance.name) return withReach(runtime, answered(reach, event))
  if (reach === undefined || !isSign(instance, event)) return runtime
  if (!reach.deaf && reach.darkSince === undefined) return runtime
  const answer = reach.deaf ? 'unknown' : reach.answer
  return withReach(runtime, { ...reach, answer, deaf: false, darkSince: undefined, stirred: 0 })
}

const withReach = (runtime: InstanceRuntime, reach: Reach): InstanceRuntime => ({
  ...runtime,
  peer: { ...runtime.peer, reach },
})

function answered(before: Reach | undefined, { lan, now }: Extract<EngineEvent, { kind: 'reach' }>): Reach {
  const { askedAt = now, deaf = false, stirred = 0, darkSince = now } = before ?? {}
  const base = { askedAt, answeredAt: now, silent: false, darkSince: undefined, deaf, stirred }
  switch (lan) {
    case 'reached':
      return { ...base, answer: lan, deaf: false, stirred: 0 }
    case 'silent':
      return { ...base, answer: 'dark', silent: true }
    case 'dark': {
      const level = deaf || stirred > 0 ? Math.min(STIRRED_ENOUGH, stirred + STIR) : 0
      return { ...base, answer: lan, darkSince, deaf: deaf && level < STIRRED_ENOUGH, stirred: level }
    }
    case 'deaf': {
      const level = Math.max(0, stirred - 1)
      return { ...base, answer: 'dark', darkSince, deaf: deaf || level === 0, stirred: level }
    }
    default:
      return { ...base, answer: lan }
  }
}

/** Something has come in by the LAN of the instance. */
function isSign({ name }: InstancePlan, event: EngineEvent): boolean {
  switch (event.kind) {
    case 'advert':
    case 'advert-ignored':
    case 'stranger':
    case 'foreign-claim':
    case 'lan-probe':
      return event.instance === name
    case 'peer-heard':
    case 'peer-path':
      return event.path === LAN
    default:
      return false
  }
}

export const deafness = (
  { interface: name }: InstancePlan,
  { peer: { reach } }: InstanceRuntime,
): string | undefined =>
  reach?.deaf === true
    ? `nothing at all arrives on ${name}, and nobody there answers: check its switch port, VLAN and cable`
    : undefined

/** Until when it is being found out whether this node is deaf, so that the silence of others means nothing yet. */
export function findsOutUntil({ peer: { reach } }: InstanceRuntime, now: Micros): Micros | undefined {
  if (reach === undefined) return undefined
  const { askedAt, answeredAt, darkSince } = reach
  const isAsked = answeredAt === undefined || answeredAt < askedAt
  const ends = [
    isAsked ? plus(askedAt, ANSWERED_WITHIN) : now,
    darkSince === undefined ? now : plus(darkSince, FOUND_OUT_WITHIN),
  ]
  const until = micros(Math.max(...ends))
  return until > now ? until : undefined
}
