import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCounters } from '../../src/engine/counters.ts'
import { createRemovals } from '../../src/engine/removals.ts'
import { createRouterActuator, type RouterActuatorOptions } from '../../src/engine/router-actions.ts'
import { err, ok, type Result } from '../../src/shared/result.ts'
import { ZERO } from '../../src/shared/units.ts'
import { planFor } from './core/support.ts'

/** An actuator over a kernel that notes what it is asked, answers when it is told to, and refuses on demand. */
function actuator(refusals: { send?: string; apply?: string; withhold?: string } = {}, fenced = false) {
  const done: string[] = []
  const failures: string[] = []
  const logged: string[] = []
  const counters = createCounters()
  let held: PromiseWithResolvers<void> | undefined
  const answer = (refusal: string | undefined): Result<void, string> =>
    refusal === undefined ? ok(undefined) : err(refusal)
  const plan = planFor('web1').instances[0] ?? assert.fail()
  const onBug = (thrown: unknown): never => assert.fail(String(thrown))
  const fine = async (): Promise<Result<void, string>> => ok(undefined)
  const addresses: RouterActuatorOptions['addresses'] = {
    apply: async (_, desired) => {
      await held?.promise
      done.push(desired.length > 0 ? 'bound' : 'unbound')
      return answer(refusals.apply)
    },
    check: fine,
    missing: async () => ok([]),
    others: async () => ok([]),
    withhold: async (desired) => {
      done.push('withheld')
      return refusals.withhold === undefined ? ok(desired) : err(refusals.withhold)
    },
    renew: fine,
    cleanup: async () => [],
    close: () => undefined,
  }
  const shell = createRouterActuator({
    plan,
    counters,
    link: () => ({
      send: (packet) => {
        done.push(`advert ${packet[22]}`)
        return answer(refusals.send)
      },
      close: () => undefined,
    }),
    addresses,
    removals: createRemovals({ addresses, onBug, log: () => undefined }),
    announce: () => {
      done.push('announced')
      return ok(undefined)
    },
    gate: {
      prepare: async () => ok({ kind: 'ready' }),
      open: fine,
      close: fine,
      admit: fine,
      handOn: fine,
      remove: fine,
      retire: fine,
      onForeignChange: () => undefined,
    },
    lease: () => (fenced ? ZERO : undefined),
    onAdvertSent: () => undefined,
    onBound: () => undefined,
    onGate: () => undefined,
    vouched: () => false,
    onLetGo: () => undefined,
    onOpened: () => undefined,
    now: () => ZERO,
    onBindFailed: (message) => failures.push(message),
    onAble: () => failures.push('able'),
    onChecked: () => undefined,
    onMissing: () => undefined,
    onRepaired: () => undefined,
    onBug,
    log: ({ code }) => logged.push(code),
  })
  return {
    shell,
    done,
    failures,
    logged,
    counters,
    refusals,
    advert: (priority: number) => shell.perform({ kind: 'send-advert', priority }),
    hold: () => {
      held = Promise.withResolvers()
      return held
    },
  }
}

test('adverts that waited for the kernel leave as one, and in order', async () => {
  const { shell, done, advert, hold } = actuator()
  const kernel = hold()
  shell.perform({ kind: 'bind' })
  for (let i = 0; i < 10; i += 1) advert(150)
  shell.perform({ kind: 'unbind' })
  advert(0)
  advert(0)
  advert(150)
  kernel.resolve()
  await shell.idle()
  assert.deepEqual(done, ['bound', 'advert 150', 'unbound', 'withheld', 'advert 0', 'advert 150'])
  advert(150)
  advert(150)
  assert.equal(done.length, 8, 'those that need not wait are sent')
})

test('three adverts in a row that cannot be sent are a failure to serve', () => {
  const { failures, advert, counters, refusals } = actuator({ send: 'EPERM: operation not permitted' })
  advert(150)
  advert(150)
  delete refusals.send
  advert(150)
  refusals.send = 'EPERM: operation not permitted'
  advert(150)
  advert(150)
  assert.deepEqual(failures, [], 'one that was sent in between ends the row')
  advert(150)
  assert.deepEqual(failures, ['adverts cannot be sent on eth0: EPERM: operation not permitted'])
  assert.deepEqual([counters.read().send_errors, counters.read().adverts_sent], [5, 1])
})

test('the first advert after such a failure is told of, and so is binding that works again', async () => {
  const { shell, failures, advert, refusals } = actuator({ send: 'EPERM', apply: 'EEXIST' })
  for (let i = 0; i < 4; i += 1) advert(150)
  delete refusals.send
  for (let i = 0; i < 2; i += 1) advert(150)
  assert.deepEqual(failures.splice(0), ['adverts cannot be sent on eth0: EPERM', 'able'])
  for (let i = 0; i < 3; i += 1) {
    shell.perform({ kind: 'bind' })
    await shell.idle()
    delete refusals.apply
  }
  assert.deepEqual(failures, ['EEXIST', 'able'])
})

test('a master whose advert could not be sent does not announce, until one is', async () => {
  const { shell, done, advert, refusals } = actuator({ send: 'ENETUNREACH' })
  advert(150)
  shell.perform({ kind: 'bind' })
  shell.perform({ kind: 'announce' })
  await shell.idle()
  assert.deepEqual(done, ['advert 150', 'bound'])
  delete refusals.send
  advert(150)
  shell.perform({ kind: 'announce' })
  assert.deepEqual(done.slice(2), ['advert 150', 'announced'])
})

test('addresses that could not be removed are bound, until they are bound or removed', async () => {
  const { shell, refusals } = actuator()
  shell.perform({ kind: 'bind' })
  await shell.idle()
  refusals.apply = 'EBUSY'
  shell.perform({ kind: 'unbind' })
  await shell.idle()
  assert.equal(shell.bound(), true)
  delete refusals.apply
  shell.perform({ kind: 'unbind' })
  await shell.idle()
  assert.equal(shell.bound(), false)
})

test('what others have set of its addresses is taken away where nothing closes it, unless it holds them', async () => {
  const open = actuator()
  open.shell.withhold()
  open.shell.perform({ kind: 'bind' })
  open.shell.withhold()
  await open.shell.idle()
  assert.deepEqual(open.done, ['withheld', 'bound'])
  assert.deepEqual(open.logged, ['vip.withheld'])
  open.refusals.withhold = 'EPERM'
  open.shell.perform({ kind: 'unbind' })
  await open.shell.idle()
  assert.deepEqual(open.logged.slice(1), ['vip.withhold'])
  const closed = actuator({}, true)
  closed.shell.withhold()
  closed.shell.perform({ kind: 'unbind' })
  await closed.shell.idle()
  assert.deepEqual(closed.done, ['unbound'])
})
