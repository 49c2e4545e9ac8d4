import assert from 'node:assert/strict'
import { readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Box } from '../../src/lab/box.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { signalPid } from '../../src/lab/process.ts'
import { childrenOf } from '../../src/lab/server.ts'
import { VIP } from './support/config.ts'
import { anyStateChange, entered, logged, type Pair, startPair, untilHolders } from './support/pair.ts'

/** Looked at so rarely that nothing here can have been found out by a probe. */
const RARELY = { interval: '30s', timeout: '1s', settle: '3s', restart_budget: '20 within 10m' }
const OUTAGE_MS = 300

for (const server of ['nginx', 'apache'] as const) {
  for (const victims of ['main process and workers', 'main process alone'] as const) {
    test(`${server}, ${victims} killed: restarted at once, the address stays`, async () => {
      await using pair = await startPair({ server, service: RARELY })
      const { web1, client, main } = await served(pair)
      const moves = web1.engine().log.count(anyStateChange)
      const from = monotonicMs()
      if (victims === 'main process alone') signalPid(main, 'SIGKILL')
      else await web1.server.signal('SIGKILL')
      await web1.engine().log.until(logged('service.restart'))
      await web1.engine().log.until(/restarted, back after/)
      await client.servedBy('web1', monotonicMs())
      const view = await client.viewSince(from)
      assert.deepEqual(view.path, ['web1'])
      assert.ok(view.outageMs < OUTAGE_MS, JSON.stringify(view))
      assert.equal(web1.engine().log.count(anyStateChange), moves)
      assert.equal(web1.engine().log.count(logged('service.restart')), 1)
      await watched(web1)
      assert.notEqual(await mainOf(web1), main)
    })
  }

  test(`${server}, broken configuration: the address is given up as soon as the test has said so`, async () => {
    await using pair = await startPair({ server, service: RARELY })
    const { web1, client } = await served(pair)
    await web1.server.breakConfig()
    const from = monotonicMs()
    await web1.server.signal('SIGKILL')
    await web1.engine().log.until(logged('service.failed.config'))
    await client.servedBy('web2', from)
    // The backup waits for its skew, 61 ms at ten adverts a second.
    const view = await client.viewSince(from)
    assert.ok(view.outageMs < OUTAGE_MS, JSON.stringify(view))
    const [service] = (await web1.status()).services
    assert.equal(service?.main_process.watched, false)
    assert.match(service?.main_process.reason ?? '', /process \d+ ended/)
  })

  test(`${server}, ended and started again by an administrator: no failover, no fight`, async () => {
    await using pair = await startPair({ server, service: RARELY })
    const { web1, client, main } = await served(pair)
    const before = quiet(pair)
    signalPid(main, 'SIGTERM')
    // A zombie counts as alive until it is collected.
    await until(async () => (await web1.server.pid()) === undefined)
    await web1.server.start()
    await web1.engine().log.until(/its main process is \d+ now/)
    await client.servedBy('web1', monotonicMs())
    assert.deepEqual(quiet(pair), before)
    await untilHolders(pair, ['web1'])
  })

  test(`${server}, stopped by an administrator: started again after a moment, since nothing was handed over`, async () => {
    await using pair = await startPair({ server, service: RARELY })
    const { web1, client, main } = await served(pair)
    signalPid(main, 'SIGTERM')
    await web1.engine().log.until(logged('service.restart'))
    await client.servedBy('web1', monotonicMs())
    await untilHolders(pair, ['web1'])
  })
}

test('nginx, upgraded while it runs (USR2, QUIT): the new main process is watched, nobody notices', async () => {
  await using pair = await startPair({ service: RARELY })
  const { web1, client, main } = await served(pair)
  const before = quiet(pair)
  const from = monotonicMs()
  signalPid(main, 'SIGUSR2')
  await until(async () => ![undefined, main].includes(await web1.nginx.pid()))
  const next = await mainOf(web1)
  signalPid(main, 'SIGQUIT')
  await web1.engine().log.until(new RegExp(`its main process is ${next} now, in place of ${main}`))
  await client.servedBy('web1', monotonicMs())
  assert.ok((await client.viewSince(from)).outageMs < OUTAGE_MS)
  assert.deepEqual(quiet(pair), before)

  signalPid(next, 'SIGKILL')
  await web1.engine().log.until(/restarted, back after/)
  await client.servedBy('web1', monotonicMs())
  await untilHolders(pair, ['web1'])
})

test('nginx, its program is missing: the address is given up at once, and that is the reason', async () => {
  await using pair = await startPair({ service: RARELY })
  const { web1, client } = await served(pair)
  const program = join(pair.directory, 'nginx')
  await symlink('/usr/sbin/nginx', program)
  const config = await readFile(web1.configFile, 'utf8')
  await writeFile(web1.configFile, config.replaceAll('"/usr/sbin/nginx"', JSON.stringify(program)))
  assert.equal((await web1.haup('reload', '--run-dir', web1.runDir)).code, 0)
  await rm(program)
  const from = monotonicMs()
  await web1.nginx.signal('SIGKILL')
  await web1.engine().log.until(logged('service.failed.config'))
  await web1.engine().log.until(/there is no program/)
  await client.servedBy('web2', from)
  assert.ok((await client.viewSince(from)).outageMs < OUTAGE_MS)
})

test('nothing but a port is known: whoever listens there is watched, and its end moves the address', async () => {
  await using pair = await startPair({ service: { ...RARELY, restart: 'none', config_test: undefined } })
  const { web1, client, main } = await served(pair)
  await watched(web1)
  assert.equal((await web1.status()).services[0]?.main_process.pid, main)
  await web1.nginx.signal('SIGKILL')
  await web1.engine().log.until(logged('service.failed.probe'))
  await client.servedBy('web2', monotonicMs())
})

test('nginx, main process alone killed and no restart left: workers that answer on do not bring the address back', async () => {
  const often = { ...RARELY, interval: '200ms', restart_budget: '0 within 60s' }
  await using pair = await startPair({ service: often })
  const { web1, client, main } = await served(pair)
  const workers = await childrenOf(main)
  assert.ok(workers.length > 0)
  signalPid(main, 'SIGKILL')
  await web1.engine().log.until(logged('service.failed.probe'))
  await client.servedBy('web2', monotonicMs())
  const healthy = web1.engine().log.count(logged('service.healthy'))
  const probed = async () => (await web1.status()).services[0]
  await delay(3_000)
  const service = await probed()
  assert.deepEqual([service?.state, service?.probes.map(({ ok }) => ok)], ['FAILED', [true]], 'its workers answer')
  assert.match(service?.main_process.reason ?? '', new RegExp(`process ${main} ended`))
  await untilHolders(pair, ['web2'])
  assert.equal(web1.engine().log.count(logged('service.healthy')), healthy)

  for (const worker of workers) signalPid(worker, 'SIGKILL')
  await until(async () => {
    try {
      await web1.nginx.start()
      return true
    } catch {
      return false
    }
  })
  await web1.engine().log.until(logged('service.healthy'), { times: healthy + 1 })
  await client.servedBy('web1', monotonicMs())
})

async function served(pair: Pair) {
  const { web1 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  await web1.engine().log.until(/its main process is watched/)
  await pair.web2.engine().log.until(entered('BACKUP'))
  return { web1, client, main: await mainOf(web1) }
}

async function mainOf(box: Box): Promise<number> {
  const pid = await box.server.pid()
  assert.ok(pid !== undefined)
  return pid
}

/** Until `status` shows the very process that the pid file names. */
const watched = (box: Box): Promise<void> =>
  until(async () => {
    const [service] = (await box.status()).services
    return service?.main_process.pid === (await box.server.pid())
  })

const quiet = ({ web1, web2 }: Pair): readonly number[] =>
  [anyStateChange, logged('service.restart')].flatMap((each) => [web1, web2].map((box) => box.engine().log.count(each)))

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = monotonicMs() + 5_000
  while (!(await isSo())) assert.ok(monotonicMs() < deadline, 'not within 5 s')
}
