import { earliest, fromMillis, type Micros, micros, plus } from '../../shared/units.ts'
import { toldOf } from '../peer/told.ts'
import { answersFor } from './gate-deadline.ts'
import { limitsUntil } from './hold-limit.ts'
import { ownWait } from './peer-view.ts'
import type { EngineEvent, EngineState, InstancePlan } from './types.ts'

/**
 * How votes are kept fresh on lines that lose or delay: a holder asks again, and quickly, as soon as half of a vote's time is
 * over; a node that hears a holder by adverts alone answers each of them.
 */

/** Of the time that a vote lasts: it is asked for again after so much of it, and then so often. */
const ASKED_AFTER = 1 / 2
const ASKED_EVERY = 1 / 30
/** No instance is told of more often for the sake of others. */
export const HASTE = fromMillis(20)

/** When a holder has to tell of an instance for the sake of a vote, although nothing has changed; it did so last at `saidAt`. */
export function askAt(
  instance: InstancePlan,
  { instances, peers }: EngineState,
  saidAt: Micros,
  now: Micros,
): Micros | undefined {
  const runtime = instances.get(instance.name)
  if (runtime?.router.phase.kind !== 'master' || instance.gate.kind !== 'on') return undefined
  const lasts = answersFor(ownWait(instance))
  const again = plus(saidAt, micros(Math.max(HASTE, ASKED_EVERY * lasts)))
  let at: Micros | undefined
  for (const facts of peers.values()) {
    const votedAt = runtime.peer.votes.get(facts.node)
    if (votedAt === undefined || now >= limitsUntil(toldOf(facts, instance.name))) continue
    at = earliest(at, micros(Math.max(again, votedAt + ASKED_AFTER * lasts)))
  }
  return at
}

/** Whether an advert was followed just now, and nothing else tells its sender that it is heard. */
export function isAdvertAnswered({ instances, peers }: EngineState, event: EngineEvent): boolean {
  if (event.kind !== 'advert') return false
  const followed = instances.get(event.instance)?.peer.followed
  const facts = followed && peers.get(followed.node)
  return followed?.at === event.now && facts !== undefined && event.now >= limitsUntil(toldOf(facts, event.instance))
}
