import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Seen } from '../../src/probes/main-verdict.ts'
import { watchMain } from '../../src/probes/main-watch.ts'
import type { MainProcess } from '../../src/probes/types.ts'

const runs = (pid: number): Seen => ({ kind: 'runs', pid, startTime: `${pid}0` })
const crashed: Seen = { kind: 'crashed', reason: 'its pid file is left' }
const ended: Seen = { kind: 'ended', reason: 'there is no pid file' }

describe('the watch of a main process', () => {
  test('tells whom it watches, once', async () => {
    const world = start(runs(7))
    assert.deepEqual(await world.told(1), [{ kind: 'watched', pid: 7 }])
    world.watch.seek()
    await world.looked(2)
    await setImmediate()
    assert.equal(world.all().length, 1)
    assert.deepEqual(world.held(), [7], 'the former watch was ended')
    assert.equal(world.watch.session(), 3)
  })

  test('tells a crash after one look, and goes on looking for somebody who starts it', async () => {
    const world = start(runs(7))
    await world.told(1)
    world.find(crashed)
    world.end(7)
    assert.deepEqual((await world.told(2)).at(-1), { kind: 'died', pid: 7, how: 'its pid file is left' })
    world.find(runs(8))
    assert.deepEqual((await world.told(3)).at(-1), { kind: 'watched', pid: 8 })
  })

  test('takes a successor for what it is: no death', async () => {
    const world = start(runs(7))
    await world.told(1)
    world.find(runs(8))
    world.end(7)
    assert.deepEqual((await world.told(2)).at(-1), { kind: 'watched', pid: 8 })
  })

  test('waits for a successor after an end in order', async () => {
    const world = start(runs(7))
    await world.told(1)
    world.find(ended)
    world.end(7)
    await world.looked(4)
    assert.equal(world.all().length, 1)
    world.find(runs(8))
    assert.deepEqual(await world.told(2), [
      { kind: 'watched', pid: 7 },
      { kind: 'watched', pid: 8 },
    ])
  })

  test('a number that has changed hands is not believed', async () => {
    const world = start(runs(7), { startTimes: new Map([[7, 'another']]) })
    await world.looked(2)
    assert.deepEqual(world.all(), [])
    assert.deepEqual(world.held(), [])
    world.watch.close()
  })

  test('what is found after the end of the watch is dropped', async () => {
    const world = start(runs(7))
    await world.told(1)
    world.find(crashed)
    world.end(7)
    world.watch.close()
    await world.looked(2)
    await setImmediate()
    assert.equal(world.all().length, 1)
    assert.deepEqual(world.held(), [])
  })

  test('a kernel without pidfd is said, and not asked again', async () => {
    const world = start(runs(7), { refuse: 'ENOSYS' })
    assert.deepEqual(await world.told(1), [{ kind: 'polled', reason: 'this kernel has no pidfd (Linux 5.3)' }])
    const looks = world.looks()
    world.watch.seek()
    world.watch.answered()
    await setImmediate()
    assert.equal(world.looks(), looks)
  })

  test('somebody starts the server after its death: looked for with the first good answer', async () => {
    const world = start(runs(7))
    await world.told(1)
    world.find(crashed)
    world.end(7)
    await world.told(2)
    world.watch.answered()
    const soon = world.looks()
    assert.ok(soon < 12, 'it is sought already')
    await world.sought()
    world.find(runs(9))
    world.watch.answered()
    assert.deepEqual((await world.told(3)).at(-1), { kind: 'watched', pid: 9 })
    world.watch.close()
  })

  test('a server that answers again and has no main process that can be found is looked for once', async () => {
    const world = start(runs(7))
    await world.told(1)
    world.find(crashed)
    world.end(7)
    await world.told(2)
    await world.sought()
    world.find(ended)
    world.watch.answered()
    assert.equal((await world.told(3)).at(-1)?.kind, 'polled')
    const looks = world.looks()
    for (let answer = 0; answer < 5; answer += 1) {
      world.watch.answered()
      await setImmediate()
    }
    assert.equal(world.looks(), looks)
    world.watch.close()
  })

  test('workers that answer beside the pid file of the dead are no server: it stays dead until somebody starts it', async () => {
    const world = start(runs(7))
    await world.told(1)
    world.find(crashed)
    world.end(7)
    await world.told(2)
    await world.sought()
    for (let answer = 0; answer < 5; answer += 1) {
      const looks = world.looks()
      world.watch.answered()
      await world.looked(looks + 1)
      await setImmediate()
    }
    assert.equal(world.all().at(-1)?.kind, 'died')
    world.find(runs(9))
    world.watch.answered()
    assert.deepEqual((await world.told(3)).at(-1), { kind: 'watched', pid: 9 })
    world.watch.close()
  })

  test('good answers cause no look while a process is watched, nor soon after one', async () => {
    const world = start(runs(7))
    await world.told(1)
    world.watch.answered()
    assert.equal(world.looks(), 1)
  })
})

type Options = { readonly startTimes?: ReadonlyMap<number, string>; readonly refuse?: string }

/** A watch in a world of which every part is at hand. */
function start(first: Seen, { startTimes = new Map(), refuse }: Options = {}) {
  let seen = first
  let looks = 0
  const all: MainProcess[] = []
  const exits = new Map<number, () => void>()
  const waiting = new Set<() => void>()
  const changed = (): void => {
    for (const check of waiting) check()
  }
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!isSo()) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
    })
  const watch = watchMain({
    look: async () => {
      looks += 1
      changed()
      return seen
    },
    watchExit: (pid, onExit) => {
      if (refuse !== undefined) throw Object.assign(new Error(refuse), { code: refuse })
      exits.set(pid, onExit)
      return () => {
        if (exits.get(pid) === onExit) exits.delete(pid)
      }
    },
    read: async (pid) => ({ startTime: startTimes.get(pid) ?? `${pid}0`, session: 3 }),
    tell: (main) => {
      all.push(main)
      changed()
    },
  })
  watch.seek()
  return {
    watch,
    find: (next: Seen) => {
      seen = next
    },
    end: (pid: number) => exits.get(pid)?.(),
    all: () => all,
    held: () => [...exits.keys()],
    looks: () => looks,
    told: (count: number) => until(() => all.length >= count).then(() => all),
    looked: (count: number) => until(() => looks >= count),
    /** All looks that follow a death; the first one was at the start, the second one told of the death. */
    sought: () => until(() => looks >= 11).then(() => setImmediate()),
  }
}
