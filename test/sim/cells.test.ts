import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Cell, cellNamed, drawn, pairs, singles, someSingles, trios } from './cells/enumerate.ts'
import { EXCEPTIONS } from './cells/exceptions.ts'
import { gapOf, KNOWN_GAPS } from './cells/known-gaps.ts'
import { playCell } from './cells/play.ts'
import { tellOutcome } from './cells/run.ts'
import { rowsOf } from './cells/table.ts'

/** `HAUP_CELLS_SEED=2` for other cells; all of them: `npm run chaos -- --cells`. */
const SEED = Number(process.env.HAUP_CELLS_SEED ?? 1)

test('single faults of two nodes: never two, and somebody within T', (t) => playAll(t, someSingles(SEED, 3)))
test('two faults of two nodes', (t) => playAll(t, drawn(pairs(), SEED, 30)))
test('faults of three nodes', (t) => playAll(t, trios(SEED, 1)))

async function playAll(t: TestContext, cells: readonly Cell[]): Promise<void> {
  const wrong: string[] = []
  let known = 0
  for (const cell of cells) {
    const outcome = await playCell(cell, SEED)
    if (outcome.problems.length === 0) continue
    if (gapOf(cell, outcome.problems) === undefined) wrong.push(tellOutcome(outcome))
    else known += 1
  }
  t.diagnostic(`${cells.length} cells, ${known} of them known not to hold`)
  assert.deepEqual(wrong, [], wrong.join('\n'))
}

test('what is known not to hold is named by a cell, and told of when it holds', async (t) => {
  for (const { what, example } of KNOWN_GAPS) {
    const cell = cellNamed(example) ?? assert.fail(`no cell ${example}`)
    const { problems } = await playCell(cell, 1)
    const isMended = problems.length === 0
    if (!isMended) assert.notEqual(gapOf(cell, problems), undefined, `${example}: ${JSON.stringify(problems)}`)
    t.diagnostic(isMended ? `HOLDS NOW, take it out of the list: ${what}` : `known: ${what}`)
  }
})

test('a cell is found again by its name, and names are unique', () => {
  const cells = [...someSingles(SEED, 3), ...drawn(pairs(), SEED, 30)]
  for (const { name } of cells) assert.equal(cellNamed(name)?.name, name)
  const all = singles().map(({ name }) => name)
  assert.equal(new Set(all).size, all.length)
  assert.ok(all.length > 2_500, `${all.length} single faults`)
  assert.equal(cellNamed('2/two-lines/preempt/arp: no such fault'), undefined)
})

test('each exception excuses some cells, and not all', () => {
  const cells = [...singles(), ...drawn(pairs(), SEED, 5_000), ...trios(SEED, 100)]
  for (const { name, applies } of EXCEPTIONS) {
    const excused = cells.filter(applies).length
    assert.ok(excused > 0 && excused < cells.length / 4, `${name}: ${excused} of ${cells.length}`)
  }
})

test('docs/cells.md has a row for each fault, and every exception', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/cells.md'), 'utf8')
  const rows = [...text.matchAll(/^\| ([^|]+) \|/gm)].map(([, name]) => name)
  const wanted = [...rowsOf().keys(), ...EXCEPTIONS.map(({ name }) => name)]
  assert.deepEqual(
    wanted.filter((name) => !rows.includes(name)),
    [],
    'npm run chaos -- --cells --table',
  )
  assert.equal(rows.length, wanted.length + 4, 'rows that are no fault any more: npm run chaos -- --cells --table')
  assert.match(text, new RegExp(`There are ${singles().length} single faults`))
})
