import type { Kind } from './contender.ts'
import { GOALS, type Goal, LOOK_MS } from './goals.ts'
import type { Sample } from './measure.ts'
import { type Medians, mediansOf } from './medians.ts'

/** The table of `bench/holders.ts`. PURE. */

export type Row = {
  readonly scenario: string
  readonly intervalMs: number
  readonly goal: Goal
  readonly samples: Readonly<Record<Kind, readonly Sample[]>>
}

/** How haup was set up. */
export type Setting = { readonly channel: boolean; readonly secondLine: boolean }

/** Whether the medians of haup meet the goal, and the client was always served in the end. */
export const isMet = ({ goal, samples }: Row): boolean =>
  isRecovered(samples.haup) && GOALS[goal].isMet(mediansOf(samples.haup))

const isRecovered = (samples: readonly Sample[]): boolean => samples.every(({ recovered }) => recovered)

const TITLE = 34
const CELL = 8

export function renderTable(rows: readonly Row[], setting: Setting): readonly string[] {
  const columns = ['two', 'none', 'out', 'heal']
  const ratios = ['wrong', 'out']
  const width = columns.length * CELL
  const head = `${'what is done to web1'.padEnd(TITLE)}${'adverts'.padStart(CELL)} |${cells(columns)} |${cells(columns)} |${cells(ratios)} | goal for haup`
  return [
    titleOf(setting),
    '',
    `${''.padEnd(TITLE + CELL)} |${centre('haup', width)} |${centre('keepalived', width)} |${centre('ratio', 2 * CELL)} |`,
    head,
    '-'.repeat(head.length + 18),
    ...rows.map(renderRow),
  ]
}

const titleOf = ({ channel, secondLine }: Setting): string => {
  const line = secondLine ? 'both pairs have a second line, haup' : 'one LAN, haup'
  return `${line} ${channel ? 'with' : 'without'} its peer channel`
}

function renderRow(row: Row): string {
  const { goal, samples } = row
  const interval = `${row.intervalMs} ms`.padStart(CELL)
  const closed = goal === 'replaced-in-100ms' ? ` (closed after ${mediansOf(samples.haup).closedAfterMs ?? '-'})` : ''
  const { words } = GOALS[goal]
  const verdict = words === '' ? '' : ` ${words}: ${isMet(row) ? 'met' : 'MISSED'}${closed}`
  const [ours, theirs] = [shownOf(samples.haup), shownOf(samples.keepalived)]
  return `${row.scenario.padEnd(TITLE)}${interval} |${ours} |${theirs} |${cells(ratiosOf(row))} |${verdict}`
}

function shownOf(samples: readonly Sample[]): string {
  const { twoMs, noneMs, outageMs, healOutageMs } = mediansOf(samples)
  const texts = [twoMs, noneMs, outageMs, healOutageMs].map((value) => (value === undefined ? '-' : String(value)))
  return cells(isRecovered(samples) ? texts : [...texts.slice(0, 2), 'never', 'never'])
}

/** keepalived by haup: time with two holders or none, and time without service. */
function ratiosOf({ samples: { haup, keepalived } }: Row): readonly string[] {
  const [ours, theirs] = [mediansOf(haup), mediansOf(keepalived)]
  const wrong = ({ twoMs = 0, noneMs = 0 }: Medians): number => twoMs + noneMs
  const out = ({ outageMs = 0 }: Medians, samples: readonly Sample[]): number =>
    isRecovered(samples) ? outageMs : Number.POSITIVE_INFINITY
  return [ratio(wrong(theirs), wrong(ours)), ratio(out(theirs, keepalived), out(ours, haup))]
}

/** What is below the resolution counts as that; both below it, or both endless, say nothing. */
function ratio(theirs: number, ours: number): string {
  const [above, below] = [Math.max(theirs, LOOK_MS), Math.max(ours, LOOK_MS)]
  if (above === below) return '1'
  if (below === Number.POSITIVE_INFINITY) return '0'
  if (above === Number.POSITIVE_INFINITY) return 'endless'
  const times = above / below
  return times < 10 ? times.toFixed(1) : times.toFixed(0)
}

export const LEGEND: readonly string[] = [
  'Milliseconds, medians. two: time with two holders; none: time with no holder; out: longest time in which the client',
  'was not served ("never": not within a minute, once at least); heal: the same since the fault was over. A holder is a',
  'box that, seen from the LAN, answers ARP for the address or accepts connections to it; it is asked every 10 ms.',
  'Ratio: keepalived by haup, of two + none ("wrong") and of out; at most 10 ms counts as 10 ms.',
]

const cells = (texts: readonly string[]): string => texts.map((text) => text.padStart(CELL)).join('')
const centre = (text: string, width: number): string =>
  text.padStart(Math.floor((width + text.length) / 2)).padEnd(width)
