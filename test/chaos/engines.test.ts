import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLineLog } from '../../src/lab/line-log.ts'
import type { Exit, LabProcess } from '../../src/lab/process.ts'
import { createEngines, type EngineBox } from './support/engines.ts'

/** A box whose engine does what the test says. */
function stage(commandCode = 0) {
  const ended = Promise.withResolvers<Exit>()
  const log = createLineLog('engine')
  const end = (code: number) => ended.resolve({ code, signal: undefined })
  const engine: LabProcess = {
    name: 'haup on web1',
    pid: process.pid,
    log,
    exited: ended.promise,
    signal: () => end(137),
    stop: async () => ended.promise,
    release: () => undefined,
  }
  const box: EngineBox = {
    name: 'web1',
    runDir: '/run/web1',
    startEngine: () => engine,
    haup: async () => ({ code: commandCode, stdout: '', stderr: 'a stack' }),
  }
  return { box, log, end, engine, engines: createEngines() }
}

test('an engine that ends by itself is a problem, one that is killed is none', async () => {
  const { box, engines, engine, end } = stage()
  await engines.start(box)
  end(0)
  await engine.exited
  assert.deepEqual(engines.problems(), ['the engine on web1 ended by itself (0)'])
  assert.deepEqual(engines.pids(), [])

  const killed = stage()
  await killed.engines.start(killed.box)
  await killed.engines.kill(killed.box)
  assert.deepEqual(killed.engines.problems(), [])
})

test('a stop that does not end with exit code 0 is a problem', async () => {
  const { box, engines, end } = stage()
  await engines.start(box)
  end(1)
  await engines.stop(box)
  assert.deepEqual(engines.problems(), ['the engine on web1 did not stop in order (1)'])
})

test('whatever the engine writes that is no record is a problem, once', async () => {
  const { box, engines, log } = stage()
  await engines.start(box)
  log.write('{"level":"info"}\nTypeError: x is undefined\n    at core.ts:1\n')
  assert.equal(engines.problems().length, 2)
  assert.equal(engines.problems().length, 2)
})

test('a command that has a bug is a problem, one that is refused is none', async () => {
  for (const [code, problems] of [
    [1, 1],
    [3, 0],
    [4, 0],
  ] as const) {
    const { box, engines } = stage(code)
    await engines.command(box, 'failover')
    await engines.commandsDone()
    assert.equal(engines.problems().length, problems, `exit code ${code}`)
  }
})

test('insisting waits until the engine listens, and wants an answer', async () => {
  const { box, engines, log } = stage()
  const asked: string[] = []
  const answering = (code: number): EngineBox => ({
    ...box,
    haup: async (command = '') => {
      asked.push(command)
      return { code, stdout: '', stderr: '' }
    },
  })
  await engines.start(box)
  const insisted = engines.insist(answering(0), 'status')
  assert.deepEqual(asked, [])
  log.write('{"code":"engine.start"}\n')
  await insisted
  assert.deepEqual([asked, engines.problems()], [['status'], []])
  await engines.insist(answering(4), 'status')
  assert.deepEqual(engines.problems(), ['no engine on web1 for haup status'])
})

test('an engine that the box hinders is started again, as a service manager does, unless it is killed meanwhile', async () => {
  const [first, second] = [stage(), stage()]
  const launched = [first.engine, second.engine]
  const again = Promise.withResolvers<void>()
  const engines = createEngines()
  const box: EngineBox = {
    ...first.box,
    startEngine: () => {
      if (launched.length === 1) again.resolve()
      return launched.shift() ?? assert.fail('one start too many')
    },
  }
  await engines.start(box)
  first.log.write('error: no interface has its address\n')
  first.end(5)
  await again.promise
  assert.deepEqual(engines.problems(), [])
  second.end(5)
  await second.engine.exited
  await engines.kill(box)
  await engines.insist(box, 'status')
  assert.deepEqual([engines.problems(), launched], [[], []])
})
