import { OWNER, type RouterConfig, type Version } from '../../src/engine/vrrp/types.ts'
import { ipv4FromNumber, ipv4ToNumber } from '../../src/shared/ip.ts'
import { fromMillis, type Micros, micros, plus, ZERO } from '../../src/shared/units.ts'
import { configWith, ip } from '../engine/vrrp/setting.ts'
import { createLan, type Lan, type Weather } from './lan.ts'
import { createNode, type SimNode } from './node.ts'
import { createRandom, type Random } from './random.ts'
import { createTimeline, type Timeline } from './timeline.ts'
import type { Trace, TraceEntry } from './trace.ts'

/** How slow things may be at most, from which every bound is derived. */
export type Limits = {
  /** Longest interval of any node. */
  readonly interval: Micros
  /** Longest way of an advert. */
  readonly delivery: Micros
  /** Longest time from the arrival of an advert until a loop takes it up; also the lateness of timers. */
  readonly pickup: Micros
  /** Longest bind or unbind. */
  readonly binding: Micros
  /** From an advert's arrival until the address is gone: pickup, what the lane still has to do (at most two), unbind. */
  readonly release: Micros
}

export type Cluster = {
  readonly seed: number
  readonly timeline: Timeline
  readonly lan: Lan
  readonly random: Random
  readonly nodes: readonly [SimNode, ...SimNode[]]
  readonly limits: Limits
  readonly fair: Weather
  readonly config: RouterConfig
  readonly trace: Trace
  readonly note: (node: string, what: string) => void
}

export type ClusterOptions = {
  /** Whether adverts take different times, arrive twice, or overtake each other, also in fair weather. */
  readonly jitter: boolean
  readonly preemptDelay: boolean
}

/** Clocks may differ by this much in rate. */
const DRIFT = 0.01

/** Two to five nodes with everything drawn from the seed: version, interval, priorities, preemption, clocks, delays. */
export function createCluster(seed: number, options: ClusterOptions): Cluster {
  const random = createRandom(seed)
  const timeline = createTimeline()
  const trace: TraceEntry[] = []
  const record = (entry: TraceEntry): number => trace.push(entry)
  const version = random.pick<Version>([2, 3])
  const shortest = fromMillis(version === 2 ? random.pick([1_000, 2_000]) : random.pick([10, 50, 250, 1_000]))
  const uneven = version === 3 && random.chance(0.3)
  // With five times the shortest, a node that does not learn the master's interval claims between two of its adverts.
  const limits = limitsFor(uneven ? micros(5 * shortest) : shortest, shortest, random)
  const fair: Weather = {
    delay: [options.jitter ? ZERO : limits.delivery, limits.delivery],
    loss: 0,
    duplicate: options.jitter ? 0.05 : 0,
  }
  const lan = createLan(timeline, random, fair)
  const config = configWith({
    version,
    learns: { shortest, longest: limits.interval },
    preempt: random.chance(0.5),
    preemptDelay: options.preemptDelay && random.chance(0.5) ? micros(7 * limits.interval) : ZERO,
  })
  const world = { timeline, lan, random, record: (entry: TraceEntry) => void record(entry) }
  const addNode = (index: number): SimNode =>
    createNode(world, {
      name: `web${index + 1}`,
      config: {
        ...config,
        source: ipv4FromNumber(ipv4ToNumber(ip('192.0.2.1')) + index),
        advertInterval: uneven && random.chance(0.5) ? limits.interval : shortest,
      },
      // Two owners are a mistake of the configuration, with an overlap of their own.
      priority: index === 0 && random.chance(0.1) ? OWNER : random.pick([50, 99, 100, 100, 101, 150, 254]),
      pickup: limits.pickup,
      binding: limits.binding,
      clock: { offset: micros(random.between(0, 1e12)), rate: 1 + (random.next() - 0.5) * DRIFT },
    })
  const others = Array.from({ length: random.between(1, 4) }, (_, index) => addNode(index + 1))
  const note = (node: string, what: string): void => void record({ at: timeline.now(), node, kind: 'happened', what })
  return { seed, timeline, lan, random, nodes: [addNode(0), ...others], limits, fair, config, trace, note }
}

/** All in parts of the shortest interval. A bind takes far longer than a delivery at times, or far less. */
function limitsFor(interval: Micros, shortest: Micros, random: Random): Limits {
  const pickup = micros(shortest * random.pick([0.002, 0.03]))
  const binding = micros(shortest * random.pick([0.01, 0.06]))
  return {
    interval,
    delivery: micros(shortest * random.pick([0.002, 0.03, 0.08])),
    pickup,
    binding,
    release: micros(pickup + 3 * binding + 10),
  }
}

/** With no advert lost: the claimant's first advert reaches the other one, which lets go. */
export const overlapLimit = ({ delivery, release }: Limits): Micros => plus(delivery, release)

/**
 * A weaker claimant (an advert overtaken by a release made it claim) must be answered first: its advert reaches the
 * master, which answers within a quarter of its interval, and the answer makes it let go.
 */
export const overlapLimitWithJitter = (limits: Limits): Micros =>
  micros(2 * overlapLimit(limits) + (limits.interval / 4) * (1 + DRIFT))

/**
 * From the last disturbance until one node holds the address for good. Every Master_Down_Timer that runs is at most four
 * intervals long, preempting ones included, and five when LAST_RESORT leaves the claim to whoever released; whoever has
 * claimed by then settles it within two overlaps. A tolerated lower master is first heard within one interval, then the
 * delay runs, then the timer once more.
 */
export const settleLimit = (limits: Limits, preemptDelay: Micros): Micros =>
  micros(
    (1 + DRIFT) * (5 * limits.interval + (preemptDelay > 0 ? preemptDelay + 5 * limits.interval : 0)) +
      2 * overlapLimitWithJitter(limits),
  )

/** A timer of the given length, on the slowest clock and served late, and what follows until the address is bound. */
export const claimLimit = (wait: Micros, { delivery, pickup, binding }: Limits): Micros =>
  micros(wait * (1 + DRIFT) + delivery + 2 * pickup + 4 * binding + 10)
