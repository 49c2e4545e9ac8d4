import type { Micros } from '../../../src/shared/units.ts'
import { type Cell, singles } from './enumerate.ts'
import { EXCEPTIONS } from './exceptions.ts'
import type { Outcome } from './judge.ts'
import { playCell } from './play.ts'

/** docs/cells.md: what is tried, and what follows, in the two kinds of group that are most common. */

const SHAPES = [
  ['2/two-lines/preempt/arp', 'two lines'],
  ['2/one-line/preempt/arp', 'one line'],
] as const

/** The rows that the table has to have: each fault that is no mere variant of another one. */
export function rowsOf(): ReadonlyMap<string, readonly Cell[]> {
  const rows = new Map<string, readonly Cell[]>()
  for (const [shape] of SHAPES) {
    for (const cell of singles()) {
      const [fault] = cell.faults
      if (!cell.name.startsWith(`${shape}: `) || fault === undefined || fault.isVariant === true) continue
      rows.set(fault.name, [...(rows.get(fault.name) ?? []), cell])
    }
  }
  return rows
}

export async function makeTable(seed: number): Promise<string> {
  const lines: string[] = []
  for (const [fault, cells] of rowsOf()) {
    const columns: string[] = []
    for (const [shape] of SHAPES) {
      const cell = cells.find(({ name }) => name.startsWith(`${shape}: `))
      columns.push(...(cell === undefined ? ['-', '-'] : columnsOf(await playCell(cell, seed))))
    }
    lines.push(`| ${[fault, ...columns].join(' | ')} |`)
  }
  const excused = EXCEPTIONS.map(({ name, excuses, reason }) => `| ${name} | ${excuses} | ${reason} |`)
  return `${INTRODUCTION}
| fault | ${SHAPES.map(([, name]) => `${name}: who answers in the end | nobody for`).join(' | ')} |
| --- | ${SHAPES.map(() => '--- | ---').join(' | ')} |
${lines.join('\n')}

## What is not promised
| case | never ... | why |
| --- | --- | --- |
${excused.join('\n')}
`
}

const columnsOf = ({ served }: Outcome): readonly string[] =>
  served === undefined ? ['-', '-'] : [served.by, spanOf(served.nobodyFor)]

/** Coarse: the seed decides about the rest. */
function spanOf(span: Micros): string {
  if (span === 0) return '0'
  return span <= 100_000 ? '0.1 s' : `${Math.ceil(span / 500_000) / 2} s`
}

const INTRODUCTION = `# Cells

Made by \`npm run chaos -- --cells --table\`; \`test/sim/cells\` plays them. In each cell one fault, or two, come over a group of
whole engines on a simulated network at a random moment, last for 10 T, and are healed. Each must hold both halves: never two
nodes accept, and somebody answers within T whenever a node that clients reach could serve. T is the longest wait that is
promised (Master_Down_Interval, 3.1 s with adverts of 1 s; 4 s where a node claims as the last resort), one report, the arbiter's
lease where there is one, and 0.4 s for looking at the LAN and binding. Then, healed, one holds and nothing moves any more.

There are ${singles().length} single faults in ${new Set(singles().map(({ name }) => name.split(': ')[0])).size} kinds of group (a second line or none, arbiter, preemption, ARP heard, a gateway to ask, ten
instances), and every pair of them. A fault of a link is \`FLAW PATH FROM>TO\`: lost, late (0.5 to 2 s), lossy (half of it), too
large; \`line\` is all that goes over the LAN, \`channel\` the peer channel by all paths, \`all\` everything. *holder* and *backup* are
the parts that were played when the fault began. What does not hold yet is in \`test/sim/cells/known-gaps.ts\`.

## Single faults
The shape: two nodes, adverts of 1 s, preemption, ARP heard, a gateway.
`
