import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { native } from '../../src/native/index.ts'

const invalid = { name: 'TypeError', code: 'ERR_INVALID_ARG' }

test('the end of a process is told once, at once', async (t) => {
  const child = sleeper(t)
  let told = 0
  const ended = new Promise<number>((resolve) => {
    native().watchExit(pidOf(child), () => {
      told += 1
      resolve(performance.now())
    })
  })
  const closed = once(child, 'close')
  const killed = performance.now()
  child.kill('SIGKILL')
  const late = (await ended) - killed
  await closed
  assert.ok(late < 100, `${late} ms`)
  assert.equal(told, 1)
})

test("a process that is nobody's child of ours is watched alike", async () => {
  const parent = spawn('sh', ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  await once(parent, 'close')
  const pid = Number(line.toString())
  const ended = new Promise<void>((resolve) => void native().watchExit(pid, resolve))
  process.kill(pid, 'SIGTERM')
  await ended
})

test('a zombie has ended', async (t) => {
  // The shell waits for its stdin, not for its child.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => parent.kill('SIGKILL'))
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  await new Promise<void>((resolve) => void native().watchExit(Number(line.toString()), resolve))
})

test('a watch that was ended tells nothing, and leaves no descriptor', async (t) => {
  const child = sleeper(t)
  await closingDone()
  const before = pidfds()
  const close = native().watchExit(pidOf(child), () => assert.fail('told after the end of the watch'))
  assert.equal(pidfds(), before + 1)
  close()
  close()
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
  await closingDone()
  assert.equal(pidfds(), before)
})

test('one that has told leaves no descriptor either', async (t) => {
  const child = sleeper(t)
  await closingDone()
  const before = pidfds()
  let close = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    close = native().watchExit(pidOf(child), resolve)
  })
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await Promise.all([ended, closed])
  close()
  await closingDone()
  assert.equal(pidfds(), before)
})

test('there must be such a process, and the arguments must be right', async (t) => {
  const gone = sleeper(t)
  const closed = once(gone, 'close')
  gone.kill('SIGKILL')
  await closed
  assert.throws(() => native().watchExit(pidOf(gone), () => undefined), { code: 'ESRCH', syscall: 'pidfd_open' })
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 31, '1', null]) {
    assert.throws(() => Reflect.apply(native().watchExit, undefined, [pid, () => undefined]), invalid, String(pid))
  }
  assert.throws(() => Reflect.apply(native().watchExit, undefined, [process.pid, 'onExit']), invalid)
  assert.throws(() => Reflect.apply(native().watchExit, undefined, [process.pid]), invalid)
})

function sleeper(t: TestContext): ChildProcess {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  return child
}

function pidOf({ pid }: ChildProcess): number {
  assert.ok(pid !== undefined)
  return pid
}

/** Handles are closed at the end of a turn of the loop, after its immediates. */
async function closingDone(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await setImmediate()
}

const pidfds = (): number => readdirSync('/proc/self/fd').filter(isPidfd).length

function isPidfd(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).includes('pidfd')
  } catch {
    // It was the directory's own.
    return false
  }
}
