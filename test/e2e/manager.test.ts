import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Box, haupProgram } from '../../src/lab/box.ts'
import { buildLab } from '../../src/lab/lab.ts'
import { type LabProcess, startProcess } from '../../src/lab/process.ts'
import { receiveDatagrams } from '../support/unix-datagrams.ts'
import { configure, VIP } from './support/config.ts'
import { entered, untilHolders } from './support/pair.ts'

/** One box whose engine has a service manager that listens and watches. */
async function supervised(t: TestContext, settings = {}) {
  const lab = await buildLab({ boxes: ['web1'], others: [] })
  t.after(() => lab[Symbol.asyncDispose]())
  await configure(lab, { instance: settings })
  const manager = await receiveDatagrams(t)
  const box = lab.box('web1')
  const until = async (message: RegExp): Promise<string[]> => {
    const heard: string[] = []
    while (!message.test(heard.at(-1) ?? '')) heard.push((await manager.next()).toString().trim())
    return heard
  }
  return { lab, box, until, engine: startUnder(box, manager.name) }
}

/** As systemd would start it, with a watchdog of 400 ms. */
function startUnder(box: Box, socket: string): LabProcess {
  const options = ['--config', box.configFile, '--node', box.name, '--run-dir', box.runDir, '--log-format', 'json']
  return startProcess({
    name: 'haup under a manager',
    namespace: box.host.namespace,
    argv: ['env', `NOTIFY_SOCKET=${socket}`, 'WATCHDOG_USEC=400000', ...haupProgram(), 'up', ...options],
    logFile: join(box.directory, 'haup.log'),
  })
}

test('the manager hears of readiness, of each state, of the loop that turns, and of the stop', async (t) => {
  const { engine, until } = await supervised(t)
  const early = await until(/^READY=1$/)
  assert.ok(
    early.every((message) => /^(STATUS=|READY=1$)/.test(message)),
    early.join(),
  )
  await until(/^STATUS=www MASTER$/)
  const started = performance.now()
  for (let beat = 0; beat < 5; beat += 1) await until(/^WATCHDOG=1$/)
  const took = performance.now() - started
  assert.ok(took >= 600 && took < 2_000, `five beats in ${took} ms instead of 1000`)
  engine.signal('SIGTERM')
  await until(/^STOPPING=1$/)
  assert.equal((await engine.exited).code, 0)
})

test('an engine that hangs does not beat', async (t) => {
  const { engine, until } = await supervised(t)
  await until(/^STATUS=www MASTER$/)
  await until(/^WATCHDOG=1$/)
  engine.signal('SIGSTOP')
  const silent = await Promise.race([
    // What was sent before the signal may still arrive.
    until(/^WATCHDOG=1$/).then(() => until(/^WATCHDOG=1$/)),
    new Promise<'silent'>((resolve) => setTimeout(() => resolve('silent'), 1_500)),
  ])
  assert.equal(silent, 'silent')
  engine.signal('SIGKILL')
  await engine.exited
})

test('after kill -9 "haup cleanup" removes the address, and only then; with a living engine it refuses', async (t) => {
  const { lab, box, engine } = await supervised(t)
  await engine.log.until(entered('MASTER'))
  await untilHolders(lab, ['web1'])
  const refused = await box.haup('cleanup')
  assert.deepEqual([refused.code, refused.stdout], [3, ''])
  assert.match(refused.stderr, /an engine runs/)
  engine.signal('SIGKILL')
  await engine.exited
  await untilHolders(lab, ['web1'])
  const cleaned = await box.haup('cleanup')
  assert.deepEqual([cleaned.code, cleaned.stdout], [0, `removed ${VIP}/24 from eth0\n`])
  await untilHolders(lab, [])
  assert.deepEqual(JSON.parse((await box.haup('cleanup', '--json')).stdout), { removed: [] })
})

test('notify commands: MASTER when the address is there, STOP when it is gone', async (t) => {
  const { box, engine, lab } = await supervised(t, { notify: { any: ['/nonexistent/placeholder'] } })
  await engine.log.until(/"code":"notify.failed".*there is no program/)
  engine.signal('SIGTERM')
  await engine.exited
  const told = join(box.directory, 'told')
  const script = join(box.directory, 'tell')
  await writeFile(script, `#!/bin/sh\necho "$@" "$(ip -o address show | grep -c ' ${VIP}/')" >> ${told}\n`, {
    mode: 0o755,
  })
  await configure(lab, { instance: { notify: { any: [script] } } })
  const again = box.startEngine()
  await again.log.until(/"code":"notify.done".*MASTER/)
  await again.stop()
  const lines = (await readFile(told, 'utf8')).trim().split('\n')
  assert.deepEqual(lines, ['INSTANCE www BACKUP 150 0', 'INSTANCE www MASTER 150 1', 'INSTANCE www STOP 150 0'])
})
