import type { Kind } from '../holders/contender.ts'
import type { Scenario } from './scenarios.ts'

/** The table of `bench/service.ts`. PURE. */

export type Outcome = {
  /** The longest time without service that the client saw; undefined: it was not served again by itself. */
  readonly outageMs: number | undefined
  /** The other box served nothing. */
  readonly stayed: boolean
}

export type Row = { readonly scenario: Scenario; readonly outcomes: Readonly<Record<Kind, readonly Outcome[]>> }

/** Requests start every 10 ms: an outage is measured between the starts of two of them. */
const RESOLUTION_MS = 20

/** Of all runs, "never" being the longest; undefined where it is the median. */
export function medianOf(outcomes: readonly Outcome[]): number | undefined {
  const sorted = outcomes.map(({ outageMs }) => outageMs ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  const median = low === undefined || high === undefined ? Number.POSITIVE_INFINITY : (low + high) / 2
  return Number.isFinite(median) ? Math.round(median) : undefined
}

export function isMet({ scenario: { goalMs, stays }, outcomes: { haup } }: Row): boolean {
  const median = medianOf(haup)
  return median !== undefined && median <= goalMs + RESOLUTION_MS && (!stays || haup.every(({ stayed }) => stayed))
}

export const renderTable = (rows: readonly Row[]): readonly string[] => [
  `${'nginx of web1'.padEnd(TITLE)}${['haup', 'worst', 'keepalived', 'worst', 'ratio'].map(cell).join('')} | goal for haup`,
  '-'.repeat(TITLE + 5 * CELL + 32),
  ...rows.map(renderRow),
]

export const LEGEND: readonly string[] = [
  'Longest time in which a client of the address was not served, milliseconds: median and worst of the runs; "never": not',
  'within 12 s. keepalived 2.2.7 with the check script of the tutorials (every 2 s: port closed: start nginx, wait 2 s,',
  'look again, else stop keepalived). Ratio: keepalived by haup, of the medians. Adverts each second.',
]

const TITLE = 30
const CELL = 12

function renderRow(row: Row): string {
  const { scenario, outcomes } = row
  const [ours, theirs] = [medianOf(outcomes.haup), medianOf(outcomes.keepalived)]
  const ratio =
    ours === undefined ? '-' : theirs === undefined ? 'endless' : `${(theirs / Math.max(ours, 1)).toFixed(0)} x`
  const cells = [shown(ours), worst(outcomes.haup), shown(theirs), worst(outcomes.keepalived), ratio]
  const goal = `${scenario.goalMs} ms${scenario.stays ? ', the address stays' : ''}: ${isMet(row) ? 'met' : 'MISSED'}`
  return `${scenario.title.padEnd(TITLE)}${cells.map(cell).join('')} | ${goal}`
}

const worst = (outcomes: readonly Outcome[]): string =>
  shown(medianOf(outcomes.toSorted((a, b) => (a.outageMs ?? Infinity) - (b.outageMs ?? Infinity)).slice(-1)))

const shown = (ms: number | undefined): string => (ms === undefined ? 'never' : String(ms))
const cell = (text: string): string => text.padStart(CELL)
