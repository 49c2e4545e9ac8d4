import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readlinkSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { native } from '../../src/native/index.ts'

const invalid = { name: 'TypeError', code: 'ERR_INVALID_ARG' }

const now = (): number => Number(process.hrtime.bigint() / 1_000n)

test('it calls once for each time it was armed, never early, never within the call', async () => {
  let told = Promise.withResolvers<number>()
  const arm = native().openTimer(() => told.resolve(now()))
  for (const wait of [-1_000_000, 0, 1, 300, 2_500, 20_000]) {
    told = Promise.withResolvers<number>()
    const deadline = now() + wait
    let within = true
    void told.promise.then(() => assert.ok(!within))
    arm(deadline)
    within = false
    assert.ok((await told.promise) >= deadline)
  }
})

test('arming again replaces the time, 0 takes it back, also when it has come already', async () => {
  let calls = 0
  const done = Promise.withResolvers<void>()
  const arm = native().openTimer(() => {
    calls += 1
  })
  const last = native().openTimer(done.resolve)
  arm(now() + 1_000_000_000)
  arm(1)
  arm(0)
  arm(now() + 1_000)
  arm(now() + 1_000_000_000)
  arm(0)
  last(now() + 5_000)
  await done.promise
  assert.equal(calls, 0)
})

test('it may be armed from its own call', async () => {
  let calls = 0
  await new Promise<void>((resolve) => {
    const arm = native().openTimer(() => {
      calls += 1
      if (calls < 3) arm(now() + 100)
      else resolve()
    })
    arm(1)
  })
  assert.equal(calls, 3)
})

test('what is called may throw: an uncaught exception', async () => {
  const script = `process.on('uncaughtException', ({ message }) => process.stdout.write(message))
    native().openTimer(() => { throw new Error('from the timer') })(1)`
  assert.equal(await runAlone(script), 'from the timer')
})

test('one that is forgotten leaves no descriptor, but fires before that', async () => {
  // Those of the tests above.
  await collected()
  const before = timers()
  const fired = Promise.withResolvers<void>()
  forget(fired.resolve)
  await collected()
  assert.equal(timers(), before + 1, 'the armed one is left')
  await fired.promise
  await collected()
  assert.equal(timers(), before)
})

test('a process that only has a timer ends when that is not armed, and not before it has fired', async () => {
  const script = `native().openTimer(() => {})
    const arm = native().openTimer(() => process.stdout.write('fired'))
    arm(Number(process.hrtime.bigint() / 1000n) + 50_000)`
  assert.equal(await runAlone(script), 'fired')
})

test('arguments must be right', () => {
  for (const deadline of [-1, 1.5, Number.NaN, 2 ** 54, '1', undefined]) {
    assert.throws(
      () =>
        Reflect.apply(
          native().openTimer(() => undefined),
          undefined,
          [deadline],
        ),
      invalid,
    )
  }
  assert.throws(() => Reflect.apply(native().openTimer, undefined, ['onFire']), invalid)
})

/** Finalizers run, and handles are closed, in later turns of the loop. */
async function collected(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  for (let turn = 0; turn < 5; turn += 1) {
    collect()
    await setImmediate()
  }
}

/** What a process of its own prints. */
async function runAlone(script: string): Promise<string> {
  const program = `import { native } from ${JSON.stringify(import.meta.resolve('../../src/native/index.ts'))}\n${script}`
  const run = promisify(execFile)
  return (await run(process.execPath, ['--input-type=module', '-e', program], { timeout: 30_000 })).stdout
}

/** One that is armed and one that is not; nothing but libuv knows them when this returns. */
function forget(fired: () => void): void {
  native().openTimer(() => assert.fail('never armed'))
  native().openTimer(fired)(now() + 300_000)
}

const timers = (): number => readdirSync('/proc/self/fd').filter(isTimer).length

function isTimer(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).includes('timerfd')
  } catch {
    // It was the directory's own.
    return false
  }
}
