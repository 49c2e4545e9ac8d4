import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { detectBox } from '../../../src/cli/detect/host.ts'

test('looks at this box without harm, whatever it has', async () => {
  const facts = await detectBox()
  assert.equal(facts.hostname, hostname().split('.')[0])
  for (const { address, length } of facts.addresses) {
    assert.doesNotMatch(address, /^127\./)
    assert.ok(length >= 1 && length <= 32)
  }
  for (const { control, listening, isRunning } of facts.servers) {
    assert.match(control, /^\/.*(nginx|apache2ctl|apachectl|httpd)$/)
    assert.equal(listening.length > 0 ? isRunning : true, true)
  }
})
