import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { EngineEvent } from '../../src/engine/core/types.ts'
import { createSockets } from '../../src/engine/sockets.ts'
import type { LogRecord } from '../../src/shared/log.ts'
import { err, ok } from '../../src/shared/result.ts'
import { ZERO } from '../../src/shared/units.ts'
import { planFor } from './core/support.ts'

/** Sockets over a kernel that refuses as it is told, with timers that the test moves. */
function kernel(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let refusal: string | undefined
  let tries = 0
  let { instances } = planFor('web1')
  const events: EngineEvent[] = []
  const log: LogRecord[] = []
  const sockets = createSockets({
    instances: () => instances,
    clock: { now: () => ZERO, wakeAt: () => undefined, after: () => () => undefined },
    openVrrpLink: () => {
      tries += 1
      return refusal === undefined ? ok({ send: () => ok(undefined), close: () => undefined }) : err(refusal)
    },
    onPacket: () => undefined,
    dispatch: (event) => events.push(event),
    log: (record) => log.push(record),
  })
  return {
    sockets,
    link: (up: boolean) => sockets.onLink({ interface: 'eth0', up, detail: `eth0 is ${up ? 'up' : 'down'}` }),
    refuse: (reason: string | undefined) => {
      refusal = reason
    },
    leave: () => {
      instances = []
    },
    join: () => {
      instances = planFor('web1').instances
    },
    pass: (seconds: number) => t.mock.timers.tick(seconds * 1_000),
    errors: () => events.flatMap((event) => (event.kind === 'socket' ? [event.error] : [])),
    said: () => log.filter(({ code }) => code === 'vrrp.socket').map(({ level, message }) => `${level} ${message}`),
    tries: () => tries,
  }
}

test('a socket that cannot be opened is said once, and tried each second until it opens', (t) => {
  const box = kernel(t)
  box.refuse('EPERM')
  box.link(true)
  box.pass(10)
  assert.equal(box.tries(), 11)
  assert.deepEqual(box.said(), ['error no VRRP socket on eth0: EPERM; tried again each second'])
  box.refuse('ENOBUFS')
  box.pass(5)
  assert.deepEqual(box.said().length, 2)
  box.refuse(undefined)
  box.pass(1)
  assert.equal(box.said().at(-1), 'info the VRRP socket on eth0 is open')
  assert.deepEqual(box.errors(), ['no VRRP socket on eth0: EPERM', 'no VRRP socket on eth0: ENOBUFS', undefined])
  assert.notEqual(box.sockets.get('eth0'), undefined)
  const tries = box.tries()
  box.pass(10)
  assert.equal(box.tries(), tries)
})

test('it is not tried while the link is down, when nobody uses it any more, or after the end', (t) => {
  for (const end of ['down', 'unused', 'closed'] as const) {
    const box = kernel(t)
    box.refuse('EPERM')
    box.link(true)
    if (end === 'down') box.link(false)
    if (end === 'unused') {
      box.leave()
      box.sockets.follow()
    }
    if (end === 'closed') box.sockets.close()
    box.pass(10)
    assert.equal(box.tries(), 1, end)
    t.mock.timers.reset()
  }
})

test('an interface that an instance begins to use, and that is up already, gets its socket', (t) => {
  const box = kernel(t)
  box.leave()
  box.link(true)
  assert.equal(box.tries(), 0)
  box.join()
  box.sockets.follow()
  assert.notEqual(box.sockets.get('eth0'), undefined)
  assert.deepEqual(box.errors(), [undefined])
})

test('a link that comes back has its fault told again', (t) => {
  const box = kernel(t)
  box.refuse('EPERM')
  box.link(true)
  box.link(false)
  box.link(true)
  assert.equal(box.errors().length, 2)
  box.sockets.close()
})
