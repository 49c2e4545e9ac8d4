import { type Micros, micros, plus } from '../../src/shared/units.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

/** What the LAN does to one packet on its way to one receiver. Different delays reorder. */
export type Weather = {
  readonly delay: readonly [Micros, Micros]
  readonly loss: number
  readonly duplicate: number
}

/** A broadcast domain: what one station sends reaches every other one, if nothing happens to it. */
export type Lan = {
  readonly attach: (station: string, receive: (packet: Uint8Array) => void) => void
  readonly send: (station: string, packet: Uint8Array) => void
  readonly setWeather: (weather: Weather) => void
  /** Stations hear each other only within their group; a station in no group is alone. */
  readonly partition: (groups: readonly (readonly string[])[]) => void
  readonly heal: () => void
}

export function createLan(timeline: Timeline, random: Random, fair: Weather): Lan {
  const stations = new Map<string, (packet: Uint8Array) => void>()
  let weather = fair
  let groups: readonly (readonly string[])[] | undefined

  const reaches = (from: string, to: string): boolean =>
    groups === undefined || groups.some((group) => group.includes(from) && group.includes(to))

  const carry = (packet: Uint8Array, receive: (packet: Uint8Array) => void): void => {
    const delay = micros(random.between(...weather.delay))
    timeline.at(plus(timeline.now(), delay), () => receive(packet))
  }

  const send = (from: string, packet: Uint8Array): void => {
    for (const [to, receive] of stations) {
      if (to === from || !reaches(from, to) || random.chance(weather.loss)) continue
      carry(packet, receive)
      if (random.chance(weather.duplicate)) carry(packet, receive)
    }
  }

  return {
    attach: (station, receive) => stations.set(station, receive),
    send,
    setWeather: (changed) => {
      weather = changed
    },
    partition: (apart) => {
      groups = apart
    },
    heal: () => {
      groups = undefined
    },
  }
}
