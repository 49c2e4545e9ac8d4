import type { Kind } from '../holders/contender.ts'
import { GOAL, isLinear, missedBy, missedByLoad, T_MS } from './goals.ts'
import { ACTS, type Act, type Event, type Figures, type Load } from './measure.ts'

/** The tables of `bench/instances.ts`. PURE. */

export type Row = { readonly count: number; readonly figures: Readonly<Partial<Record<Kind, Figures>>> }

const NAME = 12
const CELL = 9
const KINDS: readonly Kind[] = ['haup', 'keepalived']

/** Goals are for haup; a run without it has none. */
export const isMet = (rows: readonly Row[]): boolean =>
  isLinear(measuredOf(rows)) &&
  measuredOf(rows).every(
    ({ figures }) =>
      missedByLoad(figures).length === 0 && figures.events.every((event) => missedBy(event).length === 0),
  )

const measuredOf = (rows: readonly Row[]) =>
  rows.flatMap(({ count, figures: { haup } }) => (haup === undefined ? [] : [{ count, figures: haup }]))

const LOAD_COLUMNS: Readonly<Record<Kind, readonly string[]>> = {
  haup: ['CPU %', '% each', 'MB', 'late p50', 'late p99', 'machine'],
  keepalived: ['CPU %', '% each', 'MB', 'machine'],
}
const EVENT_COLUMNS = ['served', 'settled', 'none', 'two', 'two for', 'unseen'] as const

export function renderLoads(rows: readonly Row[]): readonly string[] {
  const lines = rows.flatMap((row) => (['master', 'backup'] as const).map((box) => loadLine(row, box)))
  const linear = isLinear(measuredOf(rows)) ? 'met' : 'MISSED'
  return [...header(LOAD_COLUMNS, ['CPU', 'MB']), ...lines, `no dearer with many than with few: ${linear}`]
}

function loadLine({ count, figures }: Row, box: 'master' | 'backup'): string {
  const cellsOf = (kind: Kind): readonly string[] => {
    const measured = figures[kind]
    if (measured === undefined) return LOAD_COLUMNS[kind].map(() => '-')
    return [...loadCells(measured[box], count, kind), measured.machineLoad.toFixed(1)]
  }
  const [ours, theirs] = [figures.haup?.[box], figures.keepalived?.[box]]
  const ratios = [ratio(ours?.cpuPercent, theirs?.cpuPercent), ratio(ours?.residentMb, theirs?.residentMb)]
  return line(count, box, KINDS.map(cellsOf), ratios, figures.haup === undefined ? [] : missedByLoad(figures.haup))
}

function loadCells({ cpuPercent, residentMb, lateness }: Load, count: number, kind: Kind): readonly string[] {
  const common = [cpuPercent.toFixed(1), (cpuPercent / count).toFixed(3), residentMb.toFixed(0)]
  if (kind === 'keepalived') return common
  return [...common, ...[lateness?.p50, lateness?.p99].map((value) => value?.toFixed(1) ?? 'silent')]
}

export function renderEvents(rows: readonly Row[]): readonly string[] {
  const columns = { haup: EVENT_COLUMNS, keepalived: EVENT_COLUMNS }
  const lines = rows.flatMap((row) => ACTS.flatMap((act) => eventLine(row, act) ?? []))
  return [...header(columns, ['served', 'none']), ...lines]
}

function eventLine({ count, figures }: Row, act: Act): string | undefined {
  const of = (kind: Kind): readonly Event[] => (figures[kind]?.events ?? []).filter((event) => event.act === act)
  const [ours, theirs] = [of('haup'), of('keepalived')]
  if (ours.length + theirs.length === 0) return undefined
  const cells = [ours, theirs].map((events) =>
    events.length === 0 ? EVENT_COLUMNS.map(() => '-') : eventCells(events),
  )
  const [our, their] = [worstOf(ours), worstOf(theirs)]
  const ratios = [ratio(our?.servedMs, their?.servedMs), ratio(our?.longestNoneMs, their?.longestNoneMs)]
  return line(count, act, cells, ratios, [...new Set(ours.flatMap(missedBy))])
}

function eventCells(events: readonly Event[]): readonly string[] {
  const worst = worstOf(events)
  if (worst === undefined) return EVENT_COLUMNS.map(() => '-')
  const { servedMs, settledMs, longestNoneMs, twoAddresses, longestTwoMs, blindMs } = worst
  const values = [servedMs, settledMs, longestNoneMs, twoAddresses, longestTwoMs, blindMs]
  return values.map((value) => (value === undefined || value === Infinity ? 'never' : value.toFixed(0)))
}

/** Each figure of the cycle in which it was worst; undefined: there was none. */
export function worstOf(events: readonly Event[]): Event | undefined {
  const never = (value: number | undefined): number => value ?? Number.POSITIVE_INFINITY
  return events.reduce<Event | undefined>(
    (worst, event) =>
      worst === undefined
        ? { ...event, servedMs: never(event.servedMs), settledMs: never(event.settledMs) }
        : {
            act: event.act,
            servedMs: Math.max(never(worst.servedMs), never(event.servedMs)),
            settledMs: Math.max(never(worst.settledMs), never(event.settledMs)),
            twoAddresses: Math.max(worst.twoAddresses, event.twoAddresses),
            longestTwoMs: Math.max(worst.longestTwoMs, event.longestTwoMs),
            longestNoneMs: Math.max(worst.longestNoneMs, event.longestNoneMs),
            noneAddresses: Math.max(worst.noneAddresses, event.noneAddresses),
            blindMs: Math.max(worst.blindMs, event.blindMs),
          },
    undefined,
  )
}

function header(columns: Readonly<Record<Kind, readonly string[]>>, ratios: readonly string[]): readonly string[] {
  const kinds = KINDS.map((kind) => ` |${centre(kind, columns[kind].length * CELL)}`).join('')
  const head = `${'N'.padStart(4)} ${''.padEnd(NAME)}${KINDS.map((kind) => ` |${cells(columns[kind])}`).join('')} |${cells(ratios)} |`
  return [
    `${''.padEnd(NAME + 5)}${kinds} |${centre('ratio', ratios.length * CELL)} | goal for haup`,
    head,
    '-'.repeat(head.length + 16),
  ]
}

function line(
  count: number,
  name: string,
  kinds: readonly (readonly string[])[],
  ratios: readonly string[],
  missed: readonly string[],
): string {
  const verdict = missed.length === 0 ? 'met' : `MISSED: ${missed.join(', ')}`
  return `${String(count).padStart(4)} ${name.padEnd(NAME)}${kinds.map((each) => ` |${cells(each)}`).join('')} |${cells(ratios)} | ${verdict}`
}

/** haup by keepalived. */
function ratio(ours: number | undefined, theirs: number | undefined): string {
  if (ours === undefined || theirs === undefined || !Number.isFinite(ours) || !Number.isFinite(theirs) || theirs === 0)
    return '-'
  const times = ours / theirs
  return times < 10 ? times.toFixed(2) : times.toFixed(0)
}

export const LEGEND: readonly string[] = [
  'CPU: of one core, in the settled state; % each: by the number of instances; late: how late the engine wakes ("silent": it',
  'does not answer); machine: how many processes wanted to run on it, these included. Events, in milliseconds, the worst of all cycles, seen from the LAN: served: until all addresses are',
  'answered for by the box that should (web2 after a kill or stop of the engine on web1, web1 after its start); settled: by it',
  'alone; none: longest time in which nobody answered for an address; two: addresses for which both answered, and for how long;',
  'unseen: longest time between two rounds of questions.',
  `Goals: CPU ${GOAL.cpuPercent} %, ${GOAL.residentMb} MB, settled within ${GOAL.settledMs} ms (twice T = ${T_MS} ms), none for ${GOAL.noneMs} ms at most, never two.`,
]

const cells = (texts: readonly string[]): string => texts.map((text) => text.padStart(CELL)).join('')
const centre = (text: string, width: number): string =>
  text.padStart(Math.floor((width + text.length) / 2)).padEnd(width)
