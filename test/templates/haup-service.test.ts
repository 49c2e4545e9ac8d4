import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderHaupService } from '../../src/templates/haup-service.ts'
import { readTemplate } from '../../src/templates/read-template.ts'

const unit = renderHaupService(await readTemplate('haup.service'), '/opt/haup/bin/haup')
const settings = unit.split('\n').filter((line) => /^[A-Z]/.test(line))

test('the unit starts, cleans up after and reloads the program that it is made for', () => {
  assert.ok(settings.includes('ExecStart=/opt/haup/bin/haup up'))
  assert.ok(settings.includes('ExecStopPost=/opt/haup/bin/haup cleanup'))
  assert.ok(!unit.includes('{{') && !unit.includes('/usr/bin/haup'))
})

test('an engine that died is started again, however often', () => {
  for (const line of ['Restart=always', 'RestartSec=200ms', 'StartLimitIntervalSec=0', 'WatchdogSignal=SIGKILL']) {
    assert.ok(settings.includes(line), line)
  }
})

test('every setting is one that systemd 252 knows, said once', () => {
  const keys = settings.map((line) => line.split('=')[0] ?? '')
  assert.deepEqual(
    keys.filter((key) => /^(RestartSteps|RestartMaxDelaySec|RestartMode)$/.test(key)),
    [],
    'since 254',
  )
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index)
  assert.deepEqual([...new Set(twice)], ['CapabilityBoundingSet'], 'which adds up')
})

test('only a plain absolute path stands in a unit', () => {
  for (const program of ['haup', '/opt/my haup', '/opt/haup\nExecStart=/bin/sh', '/opt/%h', '']) {
    assert.throws(() => renderHaupService('{{program}}', program), /cannot stand in a unit file/)
  }
})
