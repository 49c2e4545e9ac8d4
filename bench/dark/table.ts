import type { Kind } from '../holders/contender.ts'
import { describeGoal, type Goal, isMet } from './goals.ts'
import type { BoxFigures, Figures } from './measure.ts'

/** The table of `bench/dark.ts`. PURE. */

export type Result = {
  readonly name: string
  readonly title: string
  readonly goal: Goal
  readonly figures: Readonly<Partial<Record<Kind, Figures>>>
}

const TITLE = 52
const CELL = 8
const GOAL = 24
const COLUMNS = ['gap', 'gap 2', 'none', 'two', 'moves', 'settled'] as const

export function renderTable(results: readonly Result[]): readonly string[] {
  const width = COLUMNS.length * CELL
  const head = `${'what is wrong'.padEnd(TITLE)} |${cells(COLUMNS)} |${cells(COLUMNS)} | goal for haup`
  return [
    `${''.padEnd(TITLE)} |${centre('haup', width)} |${centre('keepalived', width)} |`,
    head,
    '-'.repeat(head.length + GOAL),
    ...results.map(renderRow),
  ]
}

function renderRow(result: Result): string {
  const { title, goal, figures } = result
  const verdict = isResultMet(result) ? 'met' : 'MISSED'
  return `${title.padEnd(TITLE)} |${shown(figures.haup)} |${shown(figures.keepalived)} | ${describeGoal(goal)}: ${verdict}`
}

export const isResultMet = ({ goal, figures }: Result): boolean =>
  figures.haup !== undefined && isMet(goal, figures.haup, figures.keepalived)

const shown = (figures: Figures | undefined): string => {
  if (figures === undefined) return cells(COLUMNS.map(() => '-'))
  const { gapsMs, longestNoneMs, twoMs, path, settledMs } = figures
  const numbers = [...gapsMs, longestNoneMs, twoMs, path.length - 1, settledMs]
  return cells(numbers.map((value) => (value === undefined ? 'never' : String(Math.round(value)))))
}

const centre = (text: string, width: number): string =>
  text.padStart(Math.floor((width + text.length) / 2)).padEnd(width)
const cells = (texts: readonly string[]): string => texts.map((text) => text.padStart(CELL)).join('')

/** What haup itself said while it was so. */
export function renderBoxes({ title, figures }: Result): readonly string[] {
  return [`${title}:`, ...(figures.haup?.boxes ?? []).flatMap(renderBox)]
}

const renderBox = ({ box, exit, state, reason, warnings, logLines, stateChanges }: BoxFigures): readonly string[] => [
  `  ${box}: status ${exit ?? 'killed'}, ${state} (${reason}); ${logLines} log lines, ${stateChanges} changes of state`,
  ...warnings.map((warning) => `    warning: ${warning}`),
]

export const LEGEND: readonly string[] = [
  'Milliseconds. gap: longest time in which the client was not served; gap 2: the same for a client on the side of web2',
  '(another one on the same switch where there are no sides); none: longest time with no holder; two: time with two',
  'holders, in all; moves: changes of holder; settled: from the end of the fault until web1 alone holds.',
]
