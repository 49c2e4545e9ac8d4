import type { Ipv4 } from '../shared/ip.ts'
import { fromMillis, type Micros, minus, plus } from '../shared/units.ts'
import type { InstancePlan } from './core/types.ts'
import type { Clock, ReachPort } from './ports.ts'

/** Hundreds of instances that doubt a LAN one after the other must not ask it hundreds of times. */
const BETWEEN_QUESTIONS = fromMillis(20)

export type LanAnswer = Awaited<ReturnType<ReachPort['lanReach']>>

/** Asks the LAN of an instance. What comes while an answer is awaited, or shortly after the last one, shares the next answer. */
export type LanAsker = (instance: InstancePlan) => Promise<LanAnswer>

export type LanAskerOptions = {
  readonly reach: ReachPort
  readonly instances: () => readonly InstancePlan[]
  readonly clock: Clock
}

export function createLanAsker({ reach, instances, clock }: LanAskerOptions): LanAsker {
  /** By interface. */
  const asking = new Map<string, Promise<LanAnswer>>()
  const notBefore = new Map<string, Micros>()

  const pause = (until: Micros): Promise<void> =>
    new Promise((resolve) => void clock.after(minus(until, clock.now()), resolve))
  const ask = async (name: string): Promise<LanAnswer> => {
    const at = notBefore.get(name)
    if (at !== undefined && at > clock.now()) await pause(at)
    try {
      return await reach.lanReach(name, clusterAddresses(instances(), name))
    } finally {
      notBefore.set(name, plus(clock.now(), BETWEEN_QUESTIONS))
      asking.delete(name)
    }
  }
  return ({ interface: name }) => {
    const under = asking.get(name) ?? ask(name)
    asking.set(name, under)
    return under
  }
}

/** Of the nodes, and the virtual ones: whether the LAN is there does not depend on the cluster. */
function clusterAddresses(instances: readonly InstancePlan[], name: string): readonly Ipv4[] {
  const all = instances
    .filter((each) => each.interface === name)
    .flatMap(({ peers, addresses, router }) => [
      ...peers.map(({ address }) => address),
      ...addresses.map(({ address }) => address.address),
      router.source,
    ])
  return [...new Set(all)]
}
