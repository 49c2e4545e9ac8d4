import type { FailoverOutcome } from '../control/messages.ts'
import { formatDuration, fromMillis, type Micros, minus, toMillis } from '../shared/units.ts'
import type { Candidate } from './core/candidates.ts'
import type { InstancePlan, InstanceRuntime, NodePlan } from './core/types.ts'
import { LAST_RESORT, OWNER } from './vrrp/types.ts'

/** What `haup failover`, `standby` and `resume` say of each instance. PURE. */

/** How a hand-over is meant. */
export type Wish = {
  readonly until: Micros | undefined
  readonly to: string | undefined
  readonly standby: boolean
  readonly strict: boolean
  readonly force: boolean
}

/** Both clocks at one moment. */
export type Moment = { readonly now: Micros; readonly wall: Date }

export const outcome = (
  { name }: InstancePlan,
  kind: FailoverOutcome['outcome'],
  message: string,
  found: Partial<Pick<FailoverOutcome, 'new_master' | 'node' | 'took_ms'>> = {},
): FailoverOutcome => ({
  instance: name,
  outcome: kind,
  new_master: null,
  node: null,
  took_ms: null,
  message,
  ...found,
})

/** Nobody took over, and the hold goes on: this node serves as the last one, or nobody is known to. */
export function describeLastResort(holds: boolean, { strict, until }: Wish): string {
  const end = until === undefined ? ' until `haup resume`' : ''
  if (strict) return `nobody took over: nobody serves it${end}`
  return holds
    ? `nobody took over: this node holds it as the last resort with priority ${LAST_RESORT}, and steps back for any other${end}`
    : 'this node let go of it, and nobody was heard to take over: see `haup status` on the other nodes'
}

/** Nobody took over, and this node takes part again. */
export function describeReturn(holds: boolean, away: Micros, candidates: readonly Candidate[]): string {
  const time = formatDuration(fromMillis(Math.round(toMillis(away))))
  const unknown = candidates
    .filter(({ readiness }) => readiness === 'unknown')
    .map(({ node, why }) => `; whether ${node} could was not known before: ${why}`)
    .join('')
  return holds
    ? `nobody took over: the address was away for ${time}; this node holds it again with its own priority${unknown}`
    : `nobody took over, and this node has not got the address back after ${time}: see \`haup status\`${unknown}`
}

export const describeDeclined = (node: string): string =>
  `${node} did not take it over, and nobody was interrupted: this node goes on as before; \`haup status\` on ${node} may tell why`

export function describeStay({ name, basePriority }: InstancePlan, wish: Wish, { now, wall }: Moment): string {
  const { until, standby, strict } = wish
  const how = strict || basePriority === OWNER ? 'out of the election' : `behind with priority ${LAST_RESORT}`
  const back = standby ? '`haup resume`' : `\`haup failover ${name} --back\``
  if (until === undefined) return `this node stays ${how} until ${back}`
  const end = new Date(wall.getTime() + toMillis(minus(until, now)))
  return `this node stays ${how} until ${end.toISOString().slice(0, 19).replace('T', ' ')} UTC, or until ${back}`
}

const AGAIN = 'takes part again with its own priority'

export function describeBack({ router, basePriority, peers }: InstancePlan, isMaster: boolean): string {
  if (isMaster) return `${AGAIN}; it holds the address`
  if (peers.some((peer) => peer.basePriority > basePriority))
    return `${AGAIN}; the address stays with the preferred node`
  return router.preempt
    ? `${AGAIN}; as the preferred node it takes the address back by the rules of preemption`
    : `${AGAIN}; it does not preempt, so the address stays where it is`
}

export function notMaster(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime | undefined,
): FailoverOutcome {
  const master = runtime?.router.master
  const node = master === undefined ? null : (plan.nodeNames.get(master.address) ?? null)
  const message =
    master === undefined
      ? `this node is not master of it (${runtime?.display.state ?? 'unknown'}) and knows of none`
      : `this node is not master of it: ${node ?? master.address} is; run \`haup failover ${instance.name}\` there`
  return outcome(instance, 'not-master', message, { new_master: master?.address ?? null, node })
}
