import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { detectHost } from '../../../src/cli/detect/host.ts'

test('looks at this box without harm, whatever it has', async () => {
  const facts = await detectHost()
  assert.equal(facts.hostname, hostname().split('.')[0])
  for (const { address, length } of facts.addresses) {
    assert.doesNotMatch(address, /^127\./)
    assert.ok(length >= 1 && length <= 32)
  }
  if (facts.webServer !== undefined) {
    assert.match(facts.webServer.control, /^\/.*(nginx|apache2ctl|apachectl|httpd)$/)
    assert.equal(facts.webServer.listening.length > 0 ? facts.webServer.isRunning : true, true)
  }
})
