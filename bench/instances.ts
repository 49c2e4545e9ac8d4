import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Kind } from './holders/contender.ts'
import { MOST_INSTANCES } from './instances/configuration.ts'
import { type Figures, measureKind } from './instances/measure.ts'
import { isMet, LEGEND, type Row, renderEvents, renderLoads } from './instances/table.ts'

/**
 * What many instances cost and how they move: the same N for a haup pair and, after it, for a keepalived pair. Root.
 * `node bench/instances.ts [--count N]... [--cycles N] [--seconds N] [--kind KIND]... [--logs DIRECTORY] [--profile DIRECTORY]
 * [--json]`: `--cycles`: how often the engine of web1 is killed, started, stopped and started (ten times with 255, once with
 * fewer, when it is left out); `--seconds`: how long the load is measured; `--kind`: haup or
 * keepalived alone; `--logs`: keeps what
 * the engines wrote; `--profile`: keeps V8's profiles of haup's engines that ended in order.
 */

const { values } = parseArgs({
  options: {
    count: { type: 'string', multiple: true, default: ['20', '60', '120', '255'] },
    cycles: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    kind: { type: 'string', multiple: true, default: ['haup', 'keepalived'] },
    logs: { type: 'string' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const KINDS = (['haup', 'keepalived'] as const).filter((kind) => values.kind.includes(kind))
const { logs, profile } = values
if (profile !== undefined) mkdirSync(profile, { recursive: true })

const rows: Row[] = []
for (const count of values.count.map(Number)) {
  const figures: Partial<Record<Kind, Figures>> = {}
  // Not at the same time: two cores are enough for one pair.
  for (const kind of KINDS) figures[kind] = await measure(kind, count)
  rows.push({ count, figures })
}
const out = values.json
  ? JSON.stringify(rows, undefined, 2)
  : ['', ...renderLoads(rows), '', ...renderEvents(rows), '', ...LEGEND].join('\n')
process.stdout.write(`${out}\n`)
process.exitCode = isMet(rows) ? 0 : 1

function measure(kind: Kind, count: number): Promise<Figures> {
  const cycles = Number(values.cycles ?? (count === MOST_INSTANCES ? 10 : 1))
  const tell = (what: string): void => void process.stderr.write(`${kind}, ${count}: ${what}\n`)
  return measureKind(kind, count, { seconds: Number(values.seconds), cycles, logs, profile, tell })
}
