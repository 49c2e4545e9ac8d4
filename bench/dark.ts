import { parseArgs } from 'node:util'
import { measureRow } from './dark/measure.ts'
import { ROWS, type Row } from './dark/rows.ts'
import { isResultMet, LEGEND, type Result, renderBoxes, renderTable } from './dark/table.ts'
import type { Kind } from './holders/contender.ts'

/**
 * How long nobody serves beside a healthy box: faults that last, in one direction, at one node, slow, deaf or forged; a
 * keepalived pair suffers the same in the same run. Root.
 * `node bench/dark.ts [--only REGEXP] [--seconds N] [--logs DIRECTORY] [--alone] [--list] [--json]`: `--seconds`: how long
 * each fault lasts at most; `--logs`: keeps what the engines wrote; `--alone`: without keepalived.
 */

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: 'Infinity' },
    logs: { type: 'string' },
    alone: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

const wanted = ROWS.filter(({ name }) => new RegExp(values.only).test(name))
const print = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`)

if (values.list) print(wanted.map(({ name, title }) => `${name.padEnd(28)}${title}`))
else await measureAll()

async function measureAll(): Promise<void> {
  const results: Result[] = []
  for (const row of wanted) {
    const result = await measure({ ...row, lastsMs: Math.min(row.lastsMs, Number(values.seconds) * 1_000) })
    if (!values.json) print(['', ...renderTable([result]).slice(results.length === 0 ? 0 : -1), ...renderBoxes(result)])
    results.push(result)
  }
  print(values.json ? [JSON.stringify(results, undefined, 2)] : ['', ...renderTable(results), '', ...LEGEND])
  process.exitCode = results.every(isResultMet) ? 0 : 1
}

async function measure(row: Row): Promise<Result> {
  const kinds: readonly Kind[] = row.beside && !values.alone ? ['haup', 'keepalived'] : ['haup']
  const measured = await Promise.all(
    kinds.map(async (kind) => [kind, await measureRow(kind, row, values.logs)] as const),
  )
  return { name: row.name, title: row.title, goal: row.goal, figures: Object.fromEntries(measured) }
}
