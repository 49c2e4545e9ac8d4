import type { Ipv4 } from '../shared/ip.ts'
import type { Log } from '../shared/log.ts'
import { fromMillis, type Micros, ZERO } from '../shared/units.ts'
import type { EngineEvent, InstancePlan } from './core/types.ts'
import type { Counters } from './counters.ts'
import type { ArpHeard, Clock, OpenArp } from './ports.ts'

export type ArpEar = {
  /** Hears what the present plan's instances have to know, and tells whether that works. */
  readonly listen: () => void
  readonly probe: (instance: InstancePlan, again: Micros) => void
  readonly close: () => void
}

export type ArpEarOptions = {
  readonly instances: () => readonly InstancePlan[]
  readonly clock: Clock
  readonly openArp: OpenArp
  readonly dispatch: (event: EngineEvent) => void
  readonly counters: (instance: string) => Counters
  readonly log: Log
}

/** A flood is counted beyond this, and leads to nothing more: what it says was said before. */
const MOST_IN_WINDOW = 64
const WINDOW = fromMillis(20)
/** Addresses of one instance move together: a few tell for all. */
const MOST_PROBED = 8

/** Turns ARP into events of the loop. */
export function createArpEar({ instances, clock, openArp, dispatch, counters, log }: ArpEarOptions): ArpEar {
  let windowEnds = ZERO
  let inWindow = 0
  let failing: string | undefined
  let heard: string | undefined

  const isFlood = (now: Micros): boolean => {
    if (now >= windowEnds) {
      windowEnds = (now + WINDOW) as Micros
      inWindow = 0
    }
    inWindow += 1
    return inWindow > MOST_IN_WINDOW
  }
  const onHeard = ({ interface: name, own, packet: { kind, mac, address } }: ArpHeard): void => {
    const now = clock.now()
    const flood = isFlood(now)
    if (kind !== 'probe' && !flood && isPeer(instances(), address)) dispatch({ kind: 'neighbour', now, address, mac })
    for (const plan of instances()) {
      if (!plan.addresses.some((each) => each.address.address === address && each.interface === name)) continue
      if (kind !== 'probe') counters(plan.name).count('foreign_claims_heard')
      if (flood) continue
      const instance = plan.name
      if (kind === 'probe') dispatch({ kind: 'lan-probe', now, instance })
      else dispatch({ kind: 'foreign-claim', now, instance, address, mac, own, announced: kind === 'announcement' })
    }
  }
  const complain = (error: string | undefined): void => {
    if (error !== undefined && error !== failing) {
      const message = `other holders of the addresses cannot be seen: ${error}`
      log({ level: 'warn', subject: 'haup', code: 'lan.deaf', message })
    }
    failing = error
  }
  const port = openArp(onHeard)

  return {
    listen: () => {
      const wanted = addressesOf(instances())
      if (heard === wanted.join()) return
      const listening = port.listen(wanted)
      heard = listening.ok ? wanted.join() : undefined
      complain(listening.ok ? undefined : listening.error)
      dispatch({ kind: 'arp-ready', now: clock.now(), ready: listening.ok })
    },
    probe: ({ interface: home, addresses, peers }, again) => {
      const asked = addresses.slice(0, MOST_PROBED)
      for (const name of new Set([home, ...asked.map((each) => each.interface)])) {
        const here = asked.filter((each) => each.interface === name).map(({ address }) => address.address)
        // An interface that is down says so elsewhere; nobody answers there.
        port.probe(name, [...here, ...peers.map(({ address }) => address)], again)
      }
    },
    close: port.close,
  }
}

const isPeer = (instances: readonly InstancePlan[], address: Ipv4): boolean =>
  instances.some(({ peers }) => peers.some((peer) => peer.address === address))

const addressesOf = (instances: readonly InstancePlan[]): readonly Ipv4[] => [
  ...new Set(
    instances.flatMap(({ addresses, peers }) => [
      ...addresses.map(({ address }) => address.address),
      ...peers.map(({ address }) => address),
    ]),
  ),
]
