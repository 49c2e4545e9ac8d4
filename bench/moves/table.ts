import { medianOf } from '../support/median.ts'
import type { Lane, MoveKind } from './kinds.ts'
import type { LaneResult } from './lane.ts'
import type { Move } from './outcome.ts'

/** The table of `bench/moves.ts`. PURE. */

export type Row = { readonly lane: Pick<Lane, 'kind' | 'intervalMs'>; readonly title: string } & {
  readonly to: MoveKind['to']
  readonly moves: readonly Move[]
}

/** Lanes of one kind are told as one. */
export function rowsOf(results: readonly LaneResult[]): readonly Row[] {
  const lanes = [...new Set(results.map(({ lane }) => lane))]
  return lanes.flatMap((lane) => {
    const own = results.filter((result) => result.lane === lane)
    return lane.moves.map((kind) => ({
      lane: { kind: lane.kind, intervalMs: lane.intervalMs },
      title: kind.title,
      to: kind.to,
      moves: own.flatMap(({ moves }) => moves.get(kind) ?? []),
    }))
  })
}

/** The goal is for haup: nothing failed, and nothing was sent again. */
export const isMet = ({ lane, moves }: Row): boolean =>
  lane.kind !== 'haup' || (moves.length > 0 && lostOf(moves) === 0)

const sum = (moves: readonly Move[], key: 'connections' | 'failed' | 'slow' | 'retransmitted'): number =>
  moves.reduce((all, move) => all + move[key], 0)
const lostOf = (moves: readonly Move[]): number =>
  sum(moves, 'failed') + Math.max(sum(moves, 'slow'), sum(moves, 'retransmitted'))

const TITLE = 24
const WHO = 20
const WIDTHS = [7, 13, 8, 7, 9, 15, 15, 15, 14]
const HEADS = ['moves', 'connections', 'failed', 'slow', 'sent again', 'gap', 'move', 'command', 'gap, move'] as const

export function renderTable(rows: readonly Row[]): readonly string[] {
  const head = `${'move'.padEnd(TITLE)}${'adverts'.padEnd(WHO)}${cells(HEADS)}`
  return [head, '-'.repeat(head.length + 14), ...rows.map((row) => renderRow(row, rows))]
}

function renderRow(row: Row, rows: readonly Row[]): string {
  const { lane, title, moves } = row
  const texts = [
    moves.length,
    sum(moves, 'connections'),
    sum(moves, 'failed'),
    sum(moves, 'slow'),
    sum(moves, 'retransmitted'),
    shown(moves.map(({ gapMs }) => gapMs)),
    shown(moves.map(({ moveMs }) => moveMs)),
    shown(moves.flatMap(({ commandMs }) => commandMs ?? [])),
    lane.kind === 'haup' ? '' : ratiosOf(row, rows),
  ]
  const verdict = lane.kind === 'haup' ? ` | ${isMet(row) ? 'met' : 'MISSED'}` : ' |'
  return `${title.padEnd(TITLE)}${`${lane.kind} ${lane.intervalMs} ms`.padEnd(WHO)}${cells(texts.map(String))}${verdict}`
}

/** Beside what an administrator of haup does for the same: `haup failover`, or its way back; else the same by signals. */
function ratiosOf({ to, title, moves }: Row, rows: readonly Row[]): string {
  const ours = rows.filter((row) => row.lane.kind === 'haup' && row.to === to)
  const beside = ours.find((row) => row.title === title) ?? ours[0]
  if (beside === undefined) return ''
  const ratio = (key: 'gapMs' | 'moveMs'): string => {
    const [theirs, own] = [moves, beside.moves].map((of) => medianOf(of.map((move) => move[key])))
    return theirs === undefined || own === undefined ? '-' : `${(theirs / Math.max(own, 1)).toFixed(1)} x`
  }
  return `${ratio('gapMs')}, ${ratio('moveMs')}`
}

/** Median and worst. */
const shown = (values: readonly number[]): string => {
  const median = medianOf(values)
  return median === undefined ? '-' : `${Math.round(median)} / ${Math.round(Math.max(...values))}`
}

const cells = (texts: readonly string[]): string =>
  texts.map((text, index) => text.padStart((WIDTHS[index] ?? 0) + 2)).join('')

export const LEGEND: readonly string[] = [
  'A client makes a new connection every 5 ms; counted from the command or signal until 0.4 s after the other box serves.',
  "failed: refused, reset, or without an answer within 3 s; slow: took over 500 ms; sent again: SYNs, by the client's kernel;",
  'gap: longest time without an answer, move: from the command until the other box serves all, command: until the command',
  'or the stopped process has ended; milliseconds, median / worst. Last column: keepalived by haup, of the medians.',
]
