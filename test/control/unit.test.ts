import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasUnit, startSteps } from '../../src/control/unit.ts'

test('systemd is spoken to only where it runs and knows us', () => {
  const box = (...paths: string[]) => hasUnit((path) => paths.includes(path))
  assert.ok(box('/run/systemd/system', '/etc/systemd/system/haup.service'))
  assert.ok(box('/run/systemd/system', '/lib/systemd/system/haup.service'))
  assert.ok(!box('/etc/systemd/system/haup.service'), 'a container without systemd')
  assert.ok(!box('/run/systemd/system'), 'haup is not a service')
})

test('how to start it', () => {
  assert.deepEqual(startSteps(false), ['start it: haup up'])
  assert.deepEqual(startSteps(true), ['start it: systemctl start haup', 'or in the foreground: haup up'])
})
