import type { InstanceConfig } from '../../src/config/types.ts'
import type { EngineEvent } from '../../src/engine/core/types.ts'
import type { ServiceConfig } from '../../src/probes/types.ts'
import { fromSeconds, type Micros, micros, plus } from '../../src/shared/units.ts'
import { configOf } from '../../test/engine/core/cluster-config.ts'
import { service } from '../../test/engine/core/support.ts'
import { createPair } from './pair.ts'

/** Microseconds per event of a kind, and over all events; undefined kinds cost 0. */
export type Costs = Readonly<Record<'advert' | 'timer' | 'report' | 'probe' | 'all', number>>

const SETTLES = fromSeconds(20)
const MEASURED = fromSeconds(5)

/** A settled pair for a while on a virtual clock, the processor's time of both cores by kind of event. */
export function eventCosts(instances: number, services: number): Costs {
  const pair = createPair(
    configOf(['web1', 'web2'], {
      instances: instancesFor(instances, services),
      config: { services: servicesFor(services) },
    }),
  )
  pair.run(SETTLES)
  if (!pair.isSettled()) throw new Error(`a pair with ${instances} instances does not settle`)
  pair.measure()
  pair.run(plus(SETTLES, MEASURED))
  const spent = pair.spent()
  const of = (...kinds: readonly EngineEvent['kind'][]): number =>
    average(kinds.flatMap((kind) => spent.get(kind) ?? []))
  return {
    advert: of('advert'),
    timer: of('timer'),
    report: of('peer-heard'),
    probe: of('probed'),
    all: average([...spent.values()]),
  }
}

type Spent = { readonly events: number; readonly micros: number }

function average(spent: readonly Spent[]): number {
  const events = spent.reduce((sum, each) => sum + each.events, 0)
  return events === 0 ? 0 : spent.reduce((sum, each) => sum + each.micros, 0) / events
}

/** Each service is tracked by one instance, in turn; what is not needed to be alike begins at times of its own. */
const instancesFor = (count: number, services: number): readonly Partial<InstanceConfig>[] =>
  Array.from({ length: count }, (_, index) => ({
    vrid: 1 + index,
    track: Array.from({ length: services }, (_each, at) => at)
      .filter((at) => at % count === index)
      .map((at) => ({ service: nameOf(at), onFailure: { kind: 'release' as const } })),
  }))

const servicesFor = (count: number): readonly ServiceConfig[] =>
  Array.from({ length: count }, (_, index) => ({ ...service, name: nameOf(index) }))

const nameOf = (index: number): string => `web${index + 1}`

/** From one instant of the virtual clock to the next one. */
export const later = (now: Micros, span: number): Micros => plus(now, micros(span))
