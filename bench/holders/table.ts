import type { Kind } from './contender.ts'
import type { Sample } from './measure.ts'
import type { Goal } from './scenarios.ts'

/** The table of `bench/holders.ts`. PURE. */

export type Row = {
  readonly scenario: string
  readonly intervalMs: number
  readonly goal: Goal
  readonly samples: Readonly<Record<Kind, readonly Sample[]>>
}

/** Medians of one kind's samples, whole milliseconds; undefined where no sample has a value. */
export type Medians = Readonly<Record<Measure, number | undefined>>
type Measure = Exclude<keyof Sample, 'recovered'>

export const mediansOf = (samples: readonly Sample[]): Medians => ({
  twoMs: median(samples, 'twoMs'),
  noneMs: median(samples, 'noneMs'),
  outageMs: median(samples, 'outageMs'),
  closedAfterMs: median(samples, 'closedAfterMs'),
  healOutageMs: median(samples, 'healOutageMs'),
  lookedMs: median(samples, 'lookedMs'),
  blindMs: median(samples, 'blindMs'),
})

function median(samples: readonly Sample[], key: Measure): number | undefined {
  const sorted = samples.flatMap((sample) => sample[key] ?? []).sort((a, b) => a - b)
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? undefined : Math.round((low + high) / 2)
}

/** Less than the resolution of the witness: a clean hand-over may show one look with both. */
const LOOK_MS = 10

const GOALS: Readonly<Record<Goal, { readonly words: string; readonly isMet: (of: Medians) => boolean }>> = {
  'closed-in-50ms': {
    words: 'closed in 50 ms, never two',
    isMet: ({ closedAfterMs = 0, twoMs = 0 }) => closedAfterMs <= 50 + LOOK_MS && twoMs <= LOOK_MS,
  },
  'never-two': { words: 'never two', isMet: ({ twoMs = 0 }) => twoMs <= LOOK_MS },
  'heal-in-200ms': {
    words: 'heal: out at most 200 ms',
    isMet: ({ healOutageMs = 0 }) => healOutageMs <= 200 + LOOK_MS,
  },
  none: { words: '', isMet: () => true },
}

/** Whether the medians of haup meet the goal, and the client was always served in the end. */
export const isMet = ({ goal, samples }: Row): boolean =>
  samples.haup.every(({ recovered }) => recovered) && GOALS[goal].isMet(mediansOf(samples.haup))

const TITLE = 32
const CELL = 8

export function renderTable(rows: readonly Row[]): readonly string[] {
  const columns = ['two', 'none', 'out', 'heal']
  const width = columns.length * CELL
  return [
    `${''.padEnd(TITLE + CELL)} |${centre('haup', width)} |${centre('keepalived', width)} |`,
    `${'what is done to web1'.padEnd(TITLE)}${'adverts'.padStart(CELL)} |${cells(columns)} |${cells(columns)} | goal for haup`,
    '-'.repeat(TITLE + CELL + 2 * width + 4 + 28),
    ...rows.map(renderRow),
  ]
}

function renderRow(row: Row): string {
  const of = (kind: Kind) => {
    const { twoMs, noneMs, outageMs, healOutageMs } = mediansOf(row.samples[kind])
    const texts = [twoMs, noneMs, outageMs, healOutageMs].map((value) => (value === undefined ? '-' : String(value)))
    return cells(
      row.samples[kind].every(({ recovered }) => recovered) ? texts : [...texts.slice(0, 2), 'never', 'never'],
    )
  }
  const { words } = GOALS[row.goal]
  const verdict = words === '' ? '' : ` ${words}: ${isMet(row) ? 'met' : 'MISSED'}`
  const interval = `${row.intervalMs} ms`.padStart(CELL)
  return `${row.scenario.padEnd(TITLE)}${interval} |${of('haup')} |${of('keepalived')} |${verdict}`
}

export const LEGEND: readonly string[] = [
  'Milliseconds, medians. two: time with two holders; none: time with no holder; out: longest time in which the client',
  'was not served ("never": not within a minute, once at least); heal: the same since the fault was over. A holder is a',
  'box that, seen from the LAN, answers ARP for the address or accepts connections to it; it is asked every 10 ms.',
]

const cells = (texts: readonly string[]): string => texts.map((text) => text.padStart(CELL)).join('')
const centre = (text: string, width: number): string =>
  text.padStart(Math.floor((width + text.length) / 2)).padEnd(width)
