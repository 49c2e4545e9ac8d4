import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Box } from '../../src/lab/box.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { startCapture } from './support/capture.ts'
import { VIP } from './support/config.ts'
import { anyStateChange, entered, holders, logged, startPair, untilHolders } from './support/pair.ts'

test('a killed nginx is restarted in place, the address does not move', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  const before = await web1.nginx.pid()
  const moves = countMoves(web1, web2)

  const killed = monotonicMs()
  await web1.nginx.signal('SIGKILL')
  await web1.engine().log.until(logged('service.restart'))
  await client.servedBy('web1', monotonicMs())
  const view = await client.viewSince(killed)
  assert.ok(view.outageMs < 1_500, `restarted at once: ${JSON.stringify(view)}`)
  assert.deepEqual(view.path, ['web1'])
  assert.notEqual(await web1.nginx.pid(), before)
  assert.equal(countMoves(web1, web2), moves)
  await untilHolders(pair, ['web1'])
})

test('a broken configuration moves the address at once and is named with file and line; repaired, it returns', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)

  const broken = monotonicMs()
  await web1.nginx.breakConfig()
  await web1.nginx.signal('SIGKILL')
  const told = await web1.engine().log.until(logged('service.failed.config'))
  const place = new RegExp(`unknown directive .*lisen.* in ${web1.nginx.configFile}:\\d+`)
  assert.match(told, place)
  await web2.engine().log.until(entered('MASTER'))
  await client.servedBy('web2', broken)
  const view = await client.viewSince(broken)
  assert.ok(view.outageMs < 1_500, `moved at once: ${JSON.stringify(view)}`)
  const status = await web1.status()
  assert.equal(status.instances[0]?.state, 'FAULT')
  assert.equal(status.services[0]?.state, 'FAILED')
  assert.match(status.services[0]?.reason ?? '', place)

  const seen = web1.engine().log.position()
  await web1.nginx.repairConfig()
  await web1.nginx.start()
  await web1.engine().log.until(entered('MASTER'), { after: seen })
  await client.servedBy('web1', monotonicMs())
  await untilHolders(pair, ['web1'])
})

test('an nginx that accepts but does not answer is noticed and handled', async () => {
  await using pair = await startPair()
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  await pair.web1.nginx.signal('SIGSTOP')
  const stopped = monotonicMs()
  await client.servedBy(['web1', 'web2'], stopped)
  assert.match(await pair.web1.engine().log.until(/timeout|no answer|timed out/i), /"subject":"nginx"/)
})

test('an nginx that answers 500 is noticed and handled', async () => {
  await using pair = await startPair()
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  await pair.web1.nginx.answer500()
  await client.servedBy('web2', monotonicMs())
  assert.match(await pair.web1.engine().log.until(logged('service.failed.[a-z-]+')), /500/)
  await pair.web1.nginx.answerNormally()
  await client.servedBy('web1', monotonicMs())
})

test('stopping the engine leaves nginx alone, also one that the engine had started', async () => {
  await using pair = await startPair()
  const { web1 } = pair
  await web1.nginx.signal('SIGKILL')
  await web1.engine().log.until(logged('service.restart'))
  await pair.startClient(VIP).servedBy('web1', monotonicMs())
  const started = await web1.nginx.pid()
  assert.notEqual(started, undefined)
  await web1.engine().stop()
  assert.equal(await web1.nginx.pid(), started)
  const direct = pair.startClient(web1.host.address)
  await direct.servedBy('web1', monotonicMs())
})

test('when both servers are down one box keeps the address, says so, and it does not wander', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const wire = await startCapture(pair.host('client'), pair.directory)
  for (const box of [web1, web2]) await box.nginx.breakConfig()
  for (const box of [web2, web1]) {
    await box.nginx.signal('SIGKILL')
    await box.engine().log.until(logged('service.failed.config'))
  }
  await wire.log.until(/prio 1,/, { times: 5 })
  const moves = countMoves(web1, web2)
  await wire.log.until(/prio 1,/, { after: wire.log.position(), times: 20 })
  assert.equal(countMoves(web1, web2), moves, 'no ping-pong')
  const states = (await Promise.all([web1.status(), web2.status()])).map((status) => status.instances[0])
  assert.deepEqual(states.map((each) => each?.state).sort(), ['FAULT', 'MASTER'])
  assert.match(states.find((each) => each?.state === 'MASTER')?.reason ?? '', /nobody else claims the address/)
  assert.equal((await holders(pair)).length, 1)
})

const countMoves = (...boxes: readonly Box[]): number =>
  boxes.reduce((sum, box) => sum + box.engine().log.count(anyStateChange), 0)
