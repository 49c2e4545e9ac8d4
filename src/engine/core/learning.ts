import { fromMillis, type Micros, micros, plus } from '../../shared/units.ts'
import { type Told, toldOf } from '../peer/told.ts'
import { masterDownInterval } from '../vrrp/timing.ts'
import type { RouterConfig } from '../vrrp/types.ts'
import type { EngineState, InstancePlan } from './types.ts'

/**
 * The router's configuration with the intervals that adverts may teach now: what the file allows, and what a node that the
 * channel hears promises. One node alone may have been reloaded, and the channel's word cannot be forged. PURE.
 */
export function learning({ name, router, peers }: InstancePlan, state: EngineState, now: Micros): RouterConfig {
  if (router.version === 2) return router
  let longest = router.learns.longest
  for (const facts of state.peers.values()) {
    const priority = peers.find((peer) => peer.name === facts.node)?.basePriority
    const promised = priority === undefined ? undefined : intervalOf(toldOf(facts, name), priority, now)
    if (promised !== undefined && promised > longest) longest = promised
  }
  return longest === router.learns.longest ? router : { ...router, learns: { ...router.learns, longest } }
}

/** VRRPv3 counts in steps of 10 ms. */
const STEP = fromMillis(10)
const SECOND = fromMillis(1_000)

/** The interval that makes the Master_Down_Interval which a node promises; undefined when it has been silent for that long. */
function intervalOf({ says, heardAt }: Told, priority: number, now: Micros): Micros | undefined {
  const wait = says?.wait
  if (wait === undefined || heardAt === undefined || now >= plus(heardAt, wait)) return undefined
  const perInterval = masterDownInterval(3, priority, SECOND) / SECOND
  return micros(Math.ceil(Math.floor(wait / perInterval) / STEP) * STEP)
}
