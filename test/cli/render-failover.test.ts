import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plain } from '../../src/cli/paint.ts'
import { renderOutcomes } from '../../src/cli/render-failover.ts'
import type { FailoverOutcome } from '../../src/control/messages.ts'

const outcome = (kind: FailoverOutcome['outcome'], message: string): FailoverOutcome => ({
  instance: 'www',
  outcome: kind,
  new_master: null,
  node: null,
  took_ms: null,
  message,
})

test('one sentence for each instance', () => {
  const outcomes = [outcome('taken-over', 'web2 took over after 12ms'), outcome('nobody', 'nobody took over')]
  assert.deepEqual(renderOutcomes(outcomes, plain), ['www: web2 took over after 12ms', 'www: nobody took over'])
})

test('a long sentence is wrapped, control characters are not printed', () => {
  const lines = renderOutcomes([outcome('not-master', `\u001b[2J${'word '.repeat(40)}`)], plain)
  for (const line of lines) {
    assert.ok(line.length <= 80, line)
    assert.ok(!line.includes('\u001b'))
  }
})
