import type { PriorityPart } from '../../control/messages.ts'
import { telling } from '../../probes/describe.ts'
import { describeFailure } from '../../probes/policy.ts'
import type { ServiceState } from '../../probes/types.ts'
import { LAST_RESORT, OWNER } from '../vrrp/types.ts'
import type { InstancePlan, InstanceRuntime } from './types.ts'

/** Whether and how an instance takes part in the election, with everything that `status` needs to explain it. */
export type Participation = {
  readonly takesPart: boolean
  /** Effective priority when it takes part. */
  readonly priority: number
  /** Its services are good, or not known to be bad. */
  readonly serving: boolean
  /** The sum that makes the priority. */
  readonly parts: readonly PriorityPart[]
  /** What stands in the way of serving; empty when all is well. */
  readonly faults: readonly string[]
  /** What has not been reported yet since the start. */
  readonly waiting: readonly string[]
}

/**
 * Rules, in order: an interface that is down (the instance's, or that of an address) or on which nothing arrives, a socket
 * that cannot be opened and an address that cannot be bound keep the instance out. A failed service yields: the instance stays in the election with LAST_RESORT, so that it claims only
 * when nobody else does (`when_all_down: release` and the owner of the addresses stay out instead). A hold does the same
 * (a strict one stays out), and so does being cut off from the LAN while another node is not.
 * Services tracked with `lower_priority` subtract.
 */
export function participation(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  services: ReadonlyMap<string, ServiceState>,
): Participation {
  const last = known.get(plan)
  if (last !== undefined && isAlike(last.runtime, runtime) && isAlikeTracked(plan, last.services, services))
    return last.part
  const part = participationOf(plan, runtime, services)
  known.set(plan, { runtime, services, part })
  return part
}

type Known = {
  readonly runtime: InstanceRuntime
  readonly services: ReadonlyMap<string, ServiceState>
  readonly part: Participation
}

/** It is asked for several times at each look, and hardly ever another one. */
const known = new WeakMap<InstancePlan, Known>()

/** In all that it depends on. */
const isAlike = (a: InstanceRuntime, b: InstanceRuntime): boolean =>
  a.links === b.links &&
  a.socket === b.socket &&
  a.place.fault === b.place.fault &&
  a.bindFailure?.message === b.bindFailure?.message &&
  a.hold === b.hold &&
  a.router.phase.kind === b.router.phase.kind &&
  a.peer.deaf === b.peer.deaf &&
  a.peer.isolated === b.peer.isolated &&
  a.peer.nobodyReadier === b.peer.nobodyReadier

type Services = ReadonlyMap<string, ServiceState>

const isAlikeTracked = ({ track }: InstancePlan, a: Services, b: Services): boolean =>
  a === b ||
  track.every(({ service: name }) => {
    const [was, is] = [a.get(name), b.get(name)]
    return was === is || (was?.verdict === is?.verdict && was?.phase === is?.phase)
  })

function participationOf(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  services: ReadonlyMap<string, ServiceState>,
): Participation {
  const box = boxFaults(plan, runtime)
  const verdicts = trackedFaults(plan, services)
  const lowered = Math.max(LAST_RESORT + 1, plan.basePriority + sum(verdicts.lowered))
  const { isolated, nobodyReadier } = runtime.peer
  const { hold } = runtime
  const failed = verdicts.released.length > 0
  // A master whose service failed stays where it is when it knows that no other node could do better.
  const stays = nobodyReadier && runtime.router.phase.kind === 'master' && plan.whenAllDown === 'hold'
  const released = (failed && !stays) || isolated !== undefined
  const stepsBack = released || hold !== undefined
  const staysOut =
    hold?.strict === true || (plan.basePriority === OWNER ? stepsBack : released && plan.whenAllDown === 'release')
  const base = [{ label: 'base', value: plan.basePriority }, ...verdicts.lowered]
  const why = isolated !== undefined ? 'isolated' : released ? 'service failed' : 'handed over'
  const cutOff = isolated === undefined ? [] : [isolated]
  return {
    takesPart: box.faults.length === 0 && box.waiting.length === 0 && verdicts.waiting.length === 0 && !staysOut,
    priority: plan.basePriority === OWNER ? OWNER : stepsBack ? LAST_RESORT : lowered,
    parts: stepsBack ? [...base, { label: `last resort (${why})`, value: LAST_RESORT - sum(base) }] : base,
    serving: !failed,
    faults: [...box.faults, ...cutOff, ...verdicts.released, ...verdicts.lowered.map((part) => part.label)],
    waiting: [...box.waiting, ...verdicts.waiting],
  }
}

/** The instance's own interface first, then those that its virtual addresses are on. */
export const interfacesOf = (plan: InstancePlan): readonly string[] => [
  ...new Set([plan.interface, ...plan.bindings.map((binding) => binding.interface)]),
]

function boxFaults(plan: InstancePlan, runtime: InstanceRuntime): { faults: string[]; waiting: string[] } {
  const faults: string[] = []
  const waiting: string[] = []
  const link = runtime.links.get(plan.interface)
  if (link === undefined) waiting.push(`first report about ${plan.interface}`)
  else if (!link.up) faults.push(link.detail)
  else if (runtime.socket === undefined) waiting.push(`VRRP socket on ${plan.interface}`)
  else if (runtime.socket !== 'open') faults.push(runtime.socket.error)
  for (const name of interfacesOf(plan).slice(1)) {
    const other = runtime.links.get(name)
    if (other?.up === false) faults.push(other.detail)
    // One that a reload has brought is no reason to let go of what is held.
    if (other === undefined && runtime.router.phase.kind === 'initialize') waiting.push(`first report about ${name}`)
  }
  if (runtime.place.fault !== undefined) faults.push(runtime.place.fault)
  if (runtime.peer.deaf !== undefined) faults.push(runtime.peer.deaf)
  if (runtime.bindFailure !== undefined) faults.push(runtime.bindFailure.message)
  return { faults, waiting }
}

function trackedFaults(plan: InstancePlan, services: ReadonlyMap<string, ServiceState>) {
  const released: string[] = []
  const lowered: PriorityPart[] = []
  const waiting: string[] = []
  for (const tracked of plan.track) {
    const service = services.get(tracked.service)
    if (service === undefined) continue
    if (service.verdict === 'unknown') waiting.push(`first verdict on ${tracked.service}`)
    if (service.verdict !== 'failed') continue
    const { phase } = service
    const why = phase.kind === 'failed' ? describeFailure(phase.reason) : `${telling(service)}; it is being repaired`
    const text = `${tracked.service}: ${why}`
    if (tracked.onFailure === 'release') released.push(text)
    else lowered.push({ label: text, value: -tracked.onFailure.lowerBy })
  }
  return { released, lowered, waiting }
}

const sum = (parts: readonly PriorityPart[]): number => parts.reduce((total, part) => total + part.value, 0)
