import { parseArgs } from 'node:util'
import type { Kind } from './holders/contender.ts'
import { type Bench, openBench, type Sample } from './holders/measure.ts'
import { mediansOf } from './holders/medians.ts'
import { SCENARIOS, type Scenario, SECOND_LINE_SCENARIOS } from './holders/scenarios.ts'
import { isMet, LEGEND, type Row, renderTable } from './holders/table.ts'

/**
 * Who holds the address when something breaks: a haup pair and a keepalived pair suffer the same at the same time, each in
 * a LAN of its own. Root.
 * `node bench/holders.ts [--runs N] [--long] [--interval MS]... [--only REGEXP] [--second-line] [--no-channel] [--json]`:
 * `--second-line`: what happens to boxes with two lines between them; `--no-channel`: haup without its peer channel.
 */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    interval: { type: 'string', multiple: true, default: ['1000', '100'] },
    only: { type: 'string', default: '' },
    long: { type: 'boolean', default: false },
    'second-line': { type: 'boolean', default: false },
    'no-channel': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const KINDS: readonly Kind[] = ['haup', 'keepalived']
const faultMs = values.long ? 30_000 : 10_000
const setting = { channel: !values['no-channel'], secondLine: values['second-line'] }
const scenarios = setting.secondLine ? SECOND_LINE_SCENARIOS : SCENARIOS
const wanted = scenarios.filter(({ title }) => new RegExp(values.only).test(title))

const rows: Row[] = []
for (const interval of values.interval) rows.push(...(await measureAll(Number(interval))))
const out = values.json
  ? JSON.stringify({ faultMs, ...setting, rows: rows.map(withMedians) }, undefined, 2)
  : ['', ...renderTable(rows, setting), '', ...LEGEND].join('\n')
process.stdout.write(`${out}\n`)
process.exitCode = rows.every(isMet) ? 0 : 1

async function measureAll(intervalMs: number): Promise<readonly Row[]> {
  const measured = await Promise.all(KINDS.map((kind) => measureKind(kind, intervalMs)))
  return wanted.map(({ title, goal }, index) => ({
    scenario: title,
    intervalMs,
    goal,
    samples: { haup: measured[0]?.[index] ?? [], keepalived: measured[1]?.[index] ?? [] },
  }))
}

/** All samples of one kind, by scenario. A pair that did not recover is replaced by a new one. */
async function measureKind(kind: Kind, intervalMs: number): Promise<readonly (readonly Sample[])[]> {
  const samples: Sample[][] = []
  let bench: Bench | undefined
  const measureOnce = async (scenario: Scenario): Promise<Sample> => {
    bench ??= await openBench(kind, { intervalMs, ...setting })
    const sample = await bench.measure(scenario, faultMs)
    if (!sample.recovered) {
      await bench[Symbol.asyncDispose]()
      bench = undefined
    }
    process.stderr.write(`${kind}, ${intervalMs} ms: ${scenario.title}: ${describe(sample)}\n`)
    return sample
  }
  try {
    for (const scenario of wanted) {
      const found: Sample[] = []
      for (let run = 0; run < Number(values.runs); run++) found.push(await measureOnce(scenario))
      samples.push(found)
    }
    return samples
  } finally {
    await bench?.[Symbol.asyncDispose]()
  }
}

function describe(sample: Sample): string {
  const parts = Object.entries(sample).map(
    ([key, value]) => `${key} ${typeof value === 'number' ? Math.round(value) : value}`,
  )
  return parts.join(', ')
}

function withMedians(row: Row) {
  const medians = { haup: mediansOf(row.samples.haup), keepalived: mediansOf(row.samples.keepalived) }
  return { ...row, isMet: isMet(row), medians }
}
