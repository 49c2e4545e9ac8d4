import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Agent } from '../../support/agent.ts'
import {
  createGateLan,
  type GateLan,
  neighbour,
  type Opened,
  OWN,
  OWNERS,
  PORT,
  type Tries,
  VIP,
  VIP6,
} from './support.ts'

let lan: GateLan
let engine: Agent

before(async () => {
  lan = await createGateLan()
  // Both know each other's hardware address: what is measured is the gate, not address resolution.
  assert.equal(await lan.client.call('reach', OWN, PORT, 1_000), true)
  const hardware = neighbour(lan.peer, OWN)
  assert.ok(hardware)
  for (const vip of [VIP, VIP6])
    lan.peer.ip('neigh', 'replace', vip, 'lladdr', hardware, 'dev', 'e0', 'nud', 'permanent')
})
after(() => lan[Symbol.asyncDispose]())
beforeEach(async () => {
  engine = lan.startEngine()
  assert.deepEqual(await engine.call('prepare', OWNERS), { ok: true, value: { kind: 'ready' } })
})

const EVERY_MS = 5

const storm = async (vip: string, times: number): Promise<Tries> =>
  (await lan.client.call('storm', vip, PORT, EVERY_MS, times)) as Tries

/** When the last connection was made that began before the first one that was not. */
const lastMade = (tries: Tries): number => tries.findLast(({ made }) => made)?.at ?? 0

const monotonic = (): number => Number(process.hrtime.bigint() / 1_000n)

for (const vip of [VIP, VIP6]) {
  test(`without renewal it closes at its time, never later: ${vip}`, async (t) => {
    const tries = storm(vip, 200)
    const { until } = (await engine.call('open', 'www', 500)) as Opened
    const last = lastMade(await tries)
    t.diagnostic(`last connection ${((last - until) / 1_000).toFixed(1)} ms after the deadline`)
    assert.ok(last > 0 && last <= until + 1_000, `${last - until} us after the deadline`)
    assert.ok(last > until - 60_000, `${until - last} us before the deadline`)
    await engine.kill()
  })
}

test('an engine that is killed closes at once', async (t) => {
  await engine.call('open', 'www', 10_000)
  const tries = storm(VIP, 120)
  await new Promise((resolve) => setTimeout(resolve, 250))
  const killed = monotonic()
  await engine.kill()
  const late = lastMade(await tries) - killed
  t.diagnostic(`last connection ${(late / 1_000).toFixed(1)} ms after the kill`)
  assert.ok(late > -100_000, 'it was open until then')
  assert.ok(late < 150_000, `${late} us`)
})

test('a child that outlives the engine does not keep it open', async () => {
  await engine.call('open', 'www', 10_000)
  const child = Number(await engine.call('leaveChild'))
  try {
    assert.equal(await lan.client.call('reach', VIP, PORT, 1_000), true)
    await engine.kill()
    assert.equal(await lan.client.call('reach', VIP, PORT, 300), false)
  } finally {
    process.kill(child, 'SIGKILL')
  }
})

test('an engine that hangs closes at the deadline of its last renewal', async (t) => {
  const { until } = (await engine.call('open', 'www', 400)) as Opened
  process.kill(engine.pid, 'SIGSTOP')
  const last = lastMade(await storm(VIP, 150))
  t.diagnostic(`last connection ${((last - until) / 1_000).toFixed(1)} ms after the deadline`)
  assert.ok(last > 0 && last <= until + 1_000, `${last - until} us after the deadline`)
  await engine.kill()
})

test('renewals every 100 ms: no client sees the gate closed in between', async (t) => {
  await engine.call('open', 'www', 277)
  const renewed = engine.call('renew', 'www', 277, 100, 30)
  const tries = await storm(VIP, 450)
  t.diagnostic(`renewals, microseconds: ${JSON.stringify(await renewed)}`)
  assert.equal(tries.filter(({ made }) => !made).length, 0)
  await engine.kill()
})

test('preparing again while open: no client sees the gate closed in between, and it closes at its time', async () => {
  const { until } = (await engine.call('open', 'www', 1_200)) as Opened
  const tries = storm(VIP, 300)
  for (let count = 0; count < 5; count += 1) await engine.call('prepare', OWNERS)
  const all = await tries
  assert.equal(
    all.findIndex(({ made }) => !made) - 1,
    all.findLastIndex(({ made }) => made),
    'one change, to closed',
  )
  assert.ok(Math.abs(lastMade(all) - until) < 60_000, `${lastMade(all) - until} us`)
  await engine.kill()
})

test('renewals as fast as they go: no client sees the gate closed in between', async () => {
  await engine.call('open', 'www', 2_000)
  const renewed = engine.call('renew', 'www', 2_000, 0, 1_000)
  const tries = await storm(VIP, 300)
  assert.equal(tries.filter(({ made }) => !made).length, 0)
  await renewed
  await engine.kill()
})

test('a new engine finds the addresses closed, and takes over what the dead one left', async () => {
  await engine.call('open', 'www', 10_000)
  await engine.kill()
  assert.equal(await lan.client.call('reach', VIP, PORT, 200), false)
  const next = lan.startEngine()
  assert.deepEqual(await next.call('prepare', OWNERS), { ok: true, value: { kind: 'ready' } })
  await next.call('open', 'www', 10_000)
  assert.equal(await lan.client.call('reach', VIP, PORT, 1_000), true)
  await next.kill()
})
