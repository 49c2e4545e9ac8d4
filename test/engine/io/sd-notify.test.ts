import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSdNotify } from '../../../src/engine/io/sd-notify.ts'
import { receiveDatagrams } from '../../support/unix-datagrams.ts'

for (const abstract of [false, true]) {
  test(`the service manager hears what happens, at ${abstract ? 'an abstract socket' : 'a path'}`, async (t) => {
    const receiver = await receiveDatagrams(t, abstract)
    const manager = createSdNotify({ NOTIFY_SOCKET: receiver.name })
    assert.equal(manager.supervised, true)
    manager.status('www BACKUP')
    manager.ready()
    manager.status('www BACKUP')
    manager.status('www MASTER')
    manager.watchdog()
    manager.stopping()
    const heard: string[] = []
    for (let count = 0; count < 5; count += 1) heard.push((await receiver.next()).toString())
    assert.deepEqual(heard, ['STATUS=www BACKUP\n', 'READY=1\n', 'STATUS=www MASTER\n', 'WATCHDOG=1\n', 'STOPPING=1\n'])
  })
}

test('a status is one line, whatever it says', () => {
  const sent: string[] = []
  const manager = createSdNotify(
    { NOTIFY_SOCKET: '/x' },
    {
      send: (_, data) => {
        sent.push(Buffer.from(data).toString())
        return { ok: true, value: undefined }
      },
    },
  )
  manager.status('www FAULT (a\nREADY=1)')
  manager.status('x'.repeat(5_000))
  assert.equal(sent[0], 'STATUS=www FAULT (a READY=1)\n')
  assert.equal(sent[1]?.length, 'STATUS=\n'.length + 1_000)
})

test('without a manager nothing is sent', () => {
  for (const env of [{}, { NOTIFY_SOCKET: '' }, { WATCHDOG_USEC: '1000000' }]) {
    const manager = createSdNotify(env, { send: () => assert.fail('sent') })
    manager.ready()
    manager.status('x')
    manager.watchdog()
    manager.stopping()
    assert.deepEqual([manager.supervised, manager.watchdogInterval], [false, undefined])
  }
})

test('children inherit nothing of it', () => {
  const env = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '1', WATCHDOG_PID: '1', PATH: '/bin' }
  createSdNotify(env)
  assert.deepEqual(env, { PATH: '/bin' })
})

test('the watchdog is for the process it names, and has an interval', () => {
  const interval = (usec: string, pid?: string) =>
    createSdNotify(
      { NOTIFY_SOCKET: '/x', WATCHDOG_USEC: usec, ...(pid === undefined ? {} : { WATCHDOG_PID: pid }) },
      { pid: 42 },
    ).watchdogInterval
  assert.equal(interval('10000000', '42'), 10_000_000)
  assert.equal(interval('10000000'), 10_000_000)
  assert.equal(interval('10000000', '43'), undefined)
  for (const usec of ['', '0', '-1', '1e6', 'soon']) assert.equal(interval(usec, '42'), undefined, usec)
})

test('a manager that is gone is told of once for each message, and stops nothing', () => {
  const failures: string[] = []
  const manager = createSdNotify(
    { NOTIFY_SOCKET: '@haup-test-gone' },
    { onFailure: (message) => failures.push(message) },
  )
  manager.ready()
  assert.match(failures.join(), /^@haup-test-gone: ECONNREFUSED/)
})
