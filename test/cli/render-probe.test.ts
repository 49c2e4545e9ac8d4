import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plain } from '../../src/cli/paint.ts'
import { renderProbes } from '../../src/cli/render-probe.ts'
import { fromMillis } from '../../src/shared/units.ts'

const good = { probe: 'http 127.0.0.1/', ok: true, detail: '200 in 3.1ms', took: fromMillis(3.127) }
const bad = { probe: 'tcp 127.0.0.1:80', ok: false, detail: 'connection refused', took: fromMillis(0.4) }

test('verdict, time and reason of each probe, below its service', () => {
  assert.deepEqual(renderProbes([{ service: 'nginx', results: [good, bad] }], plain), [
    'nginx',
    'ok        3.1ms   http 127.0.0.1/: 200 in 3.1ms',
    'FAILED    400us   tcp 127.0.0.1:80: connection refused',
  ])
})

test('probes of the command line have no service', () => {
  assert.deepEqual(renderProbes([{ service: null, results: [good] }], plain), [
    'ok        3.1ms   http 127.0.0.1/: 200 in 3.1ms',
  ])
})

test('a long reason is wrapped within 80 columns', () => {
  const lines = renderProbes([{ service: null, results: [{ ...bad, detail: 'word '.repeat(40) }] }], plain)
  assert.ok(lines.length > 2)
  for (const line of lines) assert.ok(line.length <= 80, line)
})
