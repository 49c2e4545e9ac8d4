import { eventCosts } from './events/cost.ts'

/**
 * What one event costs the pure core, in microseconds, by the number of instances and of services: a backup of a settled
 * pair with a channel hears adverts and reports, probes answer, timers come. `node bench/events.ts`; needs no root.
 */

const GOAL_MICROS = 25
const SIZES: readonly (readonly [instances: number, services: number])[] = [
  [1, 1],
  [32, 1],
  [255, 1],
  [1, 500],
  [32, 500],
  [255, 500],
]

const rows = SIZES.map(([instances, services]) => ({ instances, services, ...eventCosts(instances, services) }))
const kinds = ['advert', 'timer', 'report', 'probe', 'all'] as const
const lines = [
  ['instances x services', ...kinds].map((text) => text.padStart(20)).join(''),
  ...rows.map((row) =>
    [`${row.instances} x ${row.services}`, ...kinds.map((kind) => row[kind].toFixed(1))]
      .map((text) => text.padStart(20))
      .join(''),
  ),
]
process.stdout.write(`${lines.join('\n')}\nmicroseconds per event; goal for all: at most ${GOAL_MICROS}\n`)
process.exitCode = rows.every(({ all }) => all <= GOAL_MICROS) ? 0 : 1
