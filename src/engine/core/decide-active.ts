import { fromSeconds, plus } from '../../shared/units.ts'
import { compareRank } from '../peer/life.ts'
import { lostQuorum } from './hold-limit.ts'
import { isFree } from './peer-move.ts'
import { alive, isOnLan, type Other, type View } from './peer-view.ts'
import { isForsaken, wasForsaken } from './refusal.ts'
import type { EngineState, InstancePlan, InstanceRuntime } from './types.ts'
import { describeUnheard, type Rival, unheardRival } from './unheard-rival.ts'
import type { Verdict } from './verdict.ts'
import { isHeardBy } from './votes.ts'

/** What an active node concludes, part of decide.ts: conflict, lost quorum, a better one asks, or it goes on. PURE. */

export function decideActive(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  state: EngineState,
): Verdict {
  const { move } = runtime.peer
  if (!isFree(runtime) && move !== undefined) return { kind: 'transferring', with: move.with }
  const reason = lostQuorum(instance, runtime, view, state)
  if (reason !== undefined) return { kind: 'lost-quorum', reason }
  const other = conflicting(runtime, view)
  if (other !== undefined) return { kind: 'conflict', with: other.name, why: whyYield(instance, runtime, view, other) }
  const unheard = unhearing(instance, runtime, view)
  if (unheard !== undefined) {
    return { kind: 'conflict', with: unheard.node, why: unheard.yields ? describeUnheard(unheard.node) : undefined }
  }
  const better = asking(instance, runtime, view)
  return better === undefined ? { kind: 'master' } : { kind: 'offer', to: better.name }
}

/** Another node that is active, too, and said so when this one was already. */
function conflicting({ peer: { heldSince } }: InstanceRuntime, view: View): Other | undefined {
  return alive(view).find((each) => {
    const { provenAt } = each.facts
    const isSince = provenAt !== undefined && heldSince !== undefined && provenAt > heldSince
    return each.holds && isSince && !isLettingGo(each, view)
  })
}

/** Another one that became active because it does not hear this one; the channel does not hear it, or proves nothing of it. */
const unhearing = (instance: InstancePlan, runtime: InstanceRuntime, view: View): Rival | undefined =>
  view.allHaup
    ? view.others
        .map(({ facts, life }) => unheardRival(instance, runtime, facts, life === 'alive', view.hearsArp, view.now))
        .find((rival) => rival !== undefined)
    : undefined

/** A better one lets go: its gate is closed, and its kernel unbinds the addresses. */
const isLettingGo = ({ says, rank }: Other, view: View): boolean =>
  says?.state !== 'MASTER' && compareRank(view.rank, rank) < 0

/**
 * Why this one of two active nodes steps down. Both compute alike what both can know; one that is not heard by the other
 * cannot be yielded to, so it yields. Meanwhile its gate is closed.
 */
function whyYield(instance: InstancePlan, runtime: InstanceRuntime, view: View, other: Other): string | undefined {
  const { name, says, rank, facts } = other
  if (says?.refuses === view.self) return `${name} took over while this node did not serve`
  if (isForsaken(instance, runtime, view, other)) return undefined
  if (compareRank(view.rank, rank) < 0) return `${name} holds the addresses too, and has the better right`
  const { rival } = runtime.peer
  const every = facts.head?.every ?? 0
  const isLasting = rival?.node === name && view.now - rival.since > UNHEARD_AFTER * every
  if (!isLasting || isHeardBy(instance, runtime, other, view.now)) return undefined
  return `${name} holds the addresses too, and does not hear this node`
}

/** In reports of the other node: one that hears us would have said so by then. */
export const UNHEARD_AFTER = 1.5

/** Whoever did not take an offer is not offered the addresses again before it could preempt by VRRP's own rule. */
export const OFFER_AGAIN = fromSeconds(3)

/** A better node that asks for the addresses, and can be reached by clients as far as this one sees. */
function asking(instance: InstancePlan, runtime: InstanceRuntime, view: View): Other | undefined {
  const { offeredAt } = runtime.peer
  if (!instance.router.preempt && view.ready) return undefined
  if (offeredAt !== undefined && view.now < plus(offeredAt, OFFER_AGAIN)) return undefined
  const [best] = alive(view)
    .filter((each) => each.says?.claim !== undefined && each.rank.readiness !== 'unable')
    .filter((each) => compareRank(each.rank, view.rank) > 0 && isOnLan(each))
    .filter((each) => !view.ready || !wasForsaken(runtime, each.name, view.now))
    .toSorted((a, b) => compareRank(b.rank, a.rank))
  return best
}
