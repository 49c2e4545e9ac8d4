import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHunt } from '../../scripts/mutation/hunt.ts'
import { root } from '../../scripts/mutation/loader.ts'
import { mutantsOf } from '../../scripts/mutation/mutants.ts'
import { reaches } from '../../scripts/mutation/reach.ts'
import { readSource } from '../../scripts/mutation/source.ts'
import { createTestRunner } from '../../scripts/mutation/test-runner.ts'

const FILE = 'src/engine/core/gate-deadline.ts'
const TEST = 'test/engine/core/gate-deadline.test.ts'

const mutants = mutantsOf(FILE, readSource(`${root}/${FILE}`))
const like = (pattern: RegExp) => mutants.find(({ change }) => pattern.test(change)) ?? assert.fail(String(pattern))

test('a process runs the same tests again and again: as the file is, changed, and endless', async () => {
  const runner = createTestRunner()
  try {
    const order = { tests: [TEST], changed: undefined, measure: undefined }
    assert.equal((await runner.run(order, () => 60)).kind, 'passed')
    const { file, start, end, text } = like(/^answersFor: 1 -> 0$/)
    const outcome = await runner.run({ ...order, changed: { file, start, end, text } }, () => 60)
    assert.deepEqual([outcome.kind, outcome.kind === 'failed' && outcome.test], ['failed', TEST])
    const endless = { file, start, end, text: '(() => { for (;;); })()' }
    assert.deepEqual(await runner.run({ ...order, changed: endless }, () => 1), { kind: 'endless', test: TEST })
    assert.equal((await runner.run(order, () => 60)).kind, 'passed', 'the work tree is as it was')
  } finally {
    runner.close()
  }
})

test('only tests that run the place are tried; what none of them runs is not noticed', async () => {
  const runner = createTestRunner()
  try {
    const measured = await runner.run({ tests: [TEST], changed: undefined, measure: [FILE] }, () => 60)
    assert.ok(measured.kind === 'passed')
    const mutant = like(/^gateLease: interval < FASTEST_FENCED -> interval >= /)
    const reach = { test: TEST, seconds: 1, ranges: measured.ranges }
    assert.equal(reaches(reach, FILE, mutant.start), true)
    assert.match((await createHunt([reach])(mutant, runner)) ?? '', /gate-deadline\.test\.ts: /)
    const elsewhere = { ...reach, ranges: { [FILE]: [[mutant.start, mutant.end, false] as const] } }
    assert.equal(await createHunt([elsewhere])(mutant, runner), undefined)
  } finally {
    runner.close()
  }
})
