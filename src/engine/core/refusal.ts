import { type Micros, micros, plus } from '../../shared/units.ts'
import { alive, type Other, type View, waitOf } from './peer-view.ts'
import type { InstancePlan, InstanceRuntime } from './types.ts'

/**
 * A holder that is alive and does not serve: its gate is closed, as it says itself (a starved engine, a node that not all
 * others hear). A backup that could serve withdraws its support, and says so: what it acknowledges from then on lets the
 * holder hold for no longer. When what it had promised before has run out, the holder's gate is closed for sure, and the
 * backup claims. A holder that opens its gate again has the support of all again.
 */
export type Refusal = { readonly node: string; readonly since: Micros }

/** A claim, a transfer and a late renewal close the gate for less than this; in reports of the holder. */
const CLOSED_FOR = 1.2

/** Whoever did not serve is not handed the addresses again for so long, unless this node cannot serve; in waits. */
const MISTRUSTED_FOR = 10

export function followRefusal(runtime: InstanceRuntime, view: View): InstanceRuntime {
  const { peer, router } = runtime
  const closed = alive(view).find(isClosed)
  const since = closed && (peer.closed?.node === closed.name ? peer.closed.since : (closed.facts.heardAt ?? view.now))
  const seen = closed === undefined || since === undefined ? undefined : { node: closed.name, since }
  const patience = micros(CLOSED_FOR * (closed?.facts.head?.every ?? 0))
  const isOver = seen !== undefined && view.now >= plus(seen.since, patience)
  const mayRefuse = isOver && view.rank.readiness !== 'unable' && router.phase.kind === 'backup'
  const stands = seen !== undefined && peer.refusal?.node === seen.node ? peer.refusal : undefined
  const refusal = stands ?? (mayRefuse && seen !== undefined ? { node: seen.node, since: view.now } : undefined)
  if (seen?.since === peer.closed?.since && seen?.node === peer.closed?.node && refusal === peer.refusal) return runtime
  return { ...runtime, peer: { ...peer, closed: seen, refusal } }
}

/** It says that it has the addresses and that its gate is closed, and nothing is being moved. */
const isClosed = ({ holds, says }: Other): boolean => holds && says?.open === 0 && says.move === undefined

/** Its gate is closed for sure, as far as this node's promises go. */
export const isForsaken = (plan: InstancePlan, runtime: InstanceRuntime, view: View, { name }: Other): boolean => {
  const { refusal } = runtime.peer
  return refusal?.node === name && view.now >= plus(refusal.since, waitOf(plan, runtime, view.now))
}

/** When the next step is due. */
export function refusalDeadline(plan: InstancePlan, runtime: InstanceRuntime, view: View): Micros | undefined {
  const { refusal, closed } = runtime.peer
  if (refusal !== undefined) return plus(refusal.since, waitOf(plan, runtime, view.now))
  const other = view.others.find(({ name }) => name === closed?.node)
  return closed && plus(closed.since, micros(CLOSED_FOR * (other?.facts.head?.every ?? 0)))
}

/** This node took over from it not long ago, because it did not serve. */
export const wasForsaken = ({ peer: { tookFrom } }: InstanceRuntime, node: string, now: Micros): boolean =>
  tookFrom?.node === node && now < tookFrom.until

export const tookFrom = (plan: InstancePlan, runtime: InstanceRuntime, node: string, now: Micros) => ({
  node,
  until: plus(now, micros(MISTRUSTED_FOR * waitOf(plan, runtime, now))),
})
