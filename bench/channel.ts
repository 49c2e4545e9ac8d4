import { parseArgs } from 'node:util'
import { type Engine, measureBoth } from './channel/measure.ts'
import { medianOf } from './support/median.ts'

/**
 * What the peer channel costs: idle engines with it and, at the same time, without it, in clusters of two and of eight
 * nodes; one instance, adverts each second. `node bench/channel.ts [--seconds N] [--nodes N]...`; root.
 */

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    nodes: { type: 'string', multiple: true, default: ['2', '8'] },
  },
})

const TITLE = 20
const CELL = 11

const head = `${'channel'.padEnd(TITLE)}${cells(['CPU %', 'worst', 'MB', 'worst', 'p50', 'p99', 'max', 'CPU x', 'MB +'])}`
const lines = ['', head, '-'.repeat(head.length)]
for (const nodes of values.nodes) {
  const { without, with: beside } = await measureBoth(Number(nodes), Number(values.seconds))
  lines.push(render(`${nodes} nodes, without`, without))
  lines.push(render(`${nodes} nodes, with`, beside, without))
}
lines.push(
  '',
  `Idle engines over ${values.seconds} s, one instance, adverts each second; all engines at the same time. CPU of one core and`,
  'resident memory of one engine: median and worst of all engines. Loop lateness in ms: medians of p50 and p99, worst max.',
  'Last columns: with by without the channel, medians.',
)
process.stdout.write(`${lines.join('\n')}\n`)

function render(title: string, engines: readonly Engine[], beside?: readonly Engine[]): string {
  const numbers = [
    ...both(
      engines.map(({ cpuPercent }) => cpuPercent),
      2,
    ),
    ...both(
      engines.map(({ residentMb }) => residentMb),
      0,
    ),
    shown(medianOf(engines.map(({ lateness }) => lateness.p50)), 2),
    shown(medianOf(engines.map(({ lateness }) => lateness.p99)), 2),
    shown(Math.max(...engines.map(({ lateness }) => lateness.max)), 1),
  ]
  return `${title.padEnd(TITLE)}${cells([...numbers, ...(beside === undefined ? [] : compared(engines, beside))])}`
}

function compared(engines: readonly Engine[], beside: readonly Engine[]): readonly string[] {
  const of = (all: readonly Engine[], key: 'cpuPercent' | 'residentMb'): number =>
    medianOf(all.map((each) => each[key])) ?? Number.NaN
  return [
    (of(engines, 'cpuPercent') / of(beside, 'cpuPercent')).toFixed(1),
    (of(engines, 'residentMb') - of(beside, 'residentMb')).toFixed(1),
  ]
}

function both(values: readonly number[], digits: number): readonly string[] {
  return [shown(medianOf(values), digits), shown(Math.max(...values), digits)]
}

function cells(texts: readonly string[]): string {
  return texts.map((text) => text.padStart(CELL)).join('')
}

function shown(value: number | undefined, digits: number): string {
  return value === undefined ? '-' : value.toFixed(digits)
}
