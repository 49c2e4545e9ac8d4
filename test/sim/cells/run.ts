import { type Cell, cellNamed, drawn, pairs, singles, trios } from './enumerate.ts'
import type { Outcome } from './judge.ts'
import { playCell } from './play.ts'

export type CellsRun = {
  readonly seed: number
  /** The cell of this name alone. */
  readonly only?: string | undefined
  /** So many pairs instead of all. */
  readonly pairs?: number | undefined
  /** The n-th of m equal parts, for several runs side by side. */
  readonly part?: readonly [number, number] | undefined
  readonly print: (line: string) => void
}

/** Pairs of three nodes for each shape. */
const TRIOS = 300
const PROGRESS_EVERY = 1_000
const LOG_LINES = 60

/** Plays cells and prints those in which something is wrong, each with how to repeat it; false when there are any. */
export async function runCells({ seed, only, pairs: count, part = [1, 1], print }: CellsRun): Promise<boolean> {
  if (only !== undefined) return runOne(only, seed, print)
  const all = [...singles(), ...(count === undefined ? pairs() : drawn(pairs(), seed, count)), ...trios(seed, TRIOS)]
  const cells = all.filter((_, index) => index % part[1] === part[0] - 1)
  print(`cells: ${all.length} in all, ${cells.length} to play, seed ${seed}`)
  let wrong = 0
  for (const [index, cell] of cells.entries()) {
    const outcome = await playCell(cell, seed)
    if (outcome.problems.length > 0) {
      wrong += 1
      print(tellOutcome(outcome))
    }
    if ((index + 1) % PROGRESS_EVERY === 0) print(`  ${index + 1} cells, ${wrong} wrong`)
  }
  print(`cells: ${cells.length} played, ${wrong} wrong`)
  return wrong === 0
}

async function runOne(name: string, seed: number, print: CellsRun['print']): Promise<boolean> {
  const cell: Cell | undefined = cellNamed(name)
  if (cell === undefined) {
    print(`cells: there is none of the name "${name}"`)
    return false
  }
  const outcome = await playCell(cell, seed)
  print(outcome.log.slice(-LOG_LINES).join('\n'))
  print(outcome.problems.length === 0 ? `${name}: holds` : tellOutcome(outcome))
  return outcome.problems.length === 0
}

/** What was wrong, and the command that shows it again with the last lines of its log. */
export function tellOutcome({ cell, seed, problems }: Outcome): string {
  const what = problems.map(({ kind, text }) => `${kind}: ${text}`).join('; ')
  return `${cell.name}\n  ${what}\n  again: npm run chaos -- --cells --only '${cell.name}' --seed ${seed}`
}
