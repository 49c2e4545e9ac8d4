import { parseArgs } from 'node:util'
import { monotonicMs } from '../src/lab/monotonic.ts'
import { LANES } from './moves/kinds.ts'
import { type LaneResult, runLane } from './moves/lane.ts'
import { isMet, LEGEND, renderTable, rowsOf } from './moves/table.ts'

/**
 * What clients lose by a planned move: `haup failover` and its way back, a stop and the preempting return, beside
 * keepalived's, all at the same time and each in a LAN of its own. Root.
 * `node bench/moves.ts [--runs N] [--pairs N] [--within SECONDS] [--only REGEXP] [--json]`: `--pairs`: the runs of each
 * kind are shared by so many pairs of haup, `--within`: no round begins after that time.
 */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    pairs: { type: 'string', default: '1' },
    within: { type: 'string', default: '3600' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
})

const wanted = LANES.filter(({ kind, intervalMs, moves }) =>
  moves.some(({ title }) => new RegExp(values.only).test(`${kind} ${intervalMs} ${title}`)),
)
const rows = rowsOf(await runLanes())
process.stdout.write(
  `${values.json ? JSON.stringify(rows, undefined, 2) : ['', ...renderTable(rows), '', ...LEGEND].join('\n')}\n`,
)
process.exitCode = rows.every(isMet) ? 0 : 1

/** When one fails, the others end in order before that is told. */
async function runLanes(): Promise<readonly LaneResult[]> {
  const until = monotonicMs() + Number(values.within) * 1_000
  let hasFailed = false
  const isOver = (): boolean => hasFailed || monotonicMs() > until
  const running = wanted.flatMap((lane) => {
    const pairs = lane.kind === 'haup' ? Number(values.pairs) : 1
    return Array.from({ length: pairs }, () => runLane(lane, Math.ceil(Number(values.runs) / pairs), isOver))
  })
  for (const each of running) {
    each.catch(() => {
      hasFailed = true
    })
  }
  await Promise.allSettled(running)
  return Promise.all(running)
}
