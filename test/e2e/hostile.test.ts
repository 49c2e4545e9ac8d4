import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { RouterConfig } from '../../src/engine/vrrp/types.ts'
import { buildLab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { parseIpv4 } from '../../src/shared/ip.ts'
import { fromMillis, fromSeconds, ZERO } from '../../src/shared/units.ts'
import { configure, VIP } from './support/config.ts'
import { farewell, garbage, packetsToReject, sendPackets, usurper } from './support/hostile.ts'
import { anyStateChange, entered, startPair } from './support/pair.ts'
import { startPeers } from './support/peers.ts'

const PASSWORD = 'pass-123'

test('an advert that is wrong in one way is discarded, counted and named; the master does not give way', async () => {
  await using lab = await buildLab({ boxes: ['web1'], others: ['client'] })
  const web1 = lab.box('web1')
  const client = lab.host('client')
  await configure(lab, { instance: { version: 2, advert_interval: '1s', password_file: 'vrrp.pass' } })
  await writeFile(join(dirname(web1.configFile), 'vrrp.pass'), PASSWORD, { mode: 0o600 })
  await web1.startEngine().log.until(entered('MASTER'))

  const base = router(client.address)
  const password = new TextEncoder().encode(PASSWORD)
  const version2: RouterConfig = {
    ...base,
    version: 2,
    advertInterval: fromSeconds(1),
    authentication: { kind: 'password', password },
  }
  const packets = packetsToReject(version2, ip(web1.host.address))
  const thrice = Object.values(packets).flatMap((packet) => [packet, packet, packet])
  assert.equal(await sendPackets(client, thrice), thrice.length)
  await web1.engine().log.until(/"code":"vrrp.rejected.interval"/)

  const { counters, state } = (await web1.status()).instances[0] ?? assert.fail('no instance')
  const { vrid: _otherGroup, ...named } = packets
  assert.deepEqual(counters.rejected, Object.fromEntries(Object.keys(named).map((reason) => [reason, 3])))
  assert.deepEqual([state, counters.adverts_received], ['MASTER', 0])
  for (const reason of Object.keys(named)) {
    assert.equal(web1.engine().log.count(new RegExp(`"code":"vrrp.rejected.${reason}"`)), 1, `${reason} is said once`)
  }
})

test('thousands of garbage packets on protocol 112 change nothing and lose no request', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  const pid = web1.engine().pid
  const moves = [web1, web2].map((box) => box.engine().log.count(anyStateChange))
  const from = monotonicMs()
  const packets = garbage(router(pair.host('client').address), 4_000, 20_260)
  assert.ok((await sendPackets(pair.host('client'), packets)) > 3_000)
  await client.servedBy('web1', monotonicMs())

  const view = await client.viewSince(from)
  assert.deepEqual([view.lost, view.path], [0, ['web1']])
  for (const [index, box] of [web1, web2].entries()) {
    assert.equal(box.engine().log.count(anyStateChange), moves[index])
    const { counters } = (await box.status()).instances[0] ?? assert.fail('no instance')
    const rejected = Object.values(counters.rejected).reduce((sum, count) => sum + count, 0)
    assert.ok(rejected > 1_000, `${box.name} counted ${rejected}`)
  }
  assert.equal((await web1.status()).pid, pid)
})

test("priority 0 in the master's name: with the channel the backup asks, and nothing moves", async () => {
  await using peers = await startPeers({ instance: { advert_interval: '1s' } })
  const { web1, web2, witness, client } = peers
  const from = monotonicMs()
  const forged = farewell({ ...router(web1.host.address), advertInterval: fromSeconds(1) })
  for (let round = 1; round <= 10; round += 1) {
    const before = (await web2.status()).instances[0]?.counters.priority_zero_received ?? assert.fail('no instance')
    await sendPackets(peers.host('client'), [forged, forged])
    const { counters } = (await web2.status()).instances[0] ?? assert.fail('no instance')
    assert.ok(counters.priority_zero_received > before, 'it was heard')
  }
  await client.servedSteadily(['web1'], monotonicMs(), 10_000)
  const { twoMs, noneMs, held } = await witness.viewSince(from)
  assert.deepEqual([twoMs, noneMs, Object.keys(held)], [0, 0, ['web1']])
  assert.equal(web2.engine().log.count(entered('MASTER')), 0)
})

/** Master_Down_Interval of web1 (priority 150, adverts of 100 ms) and one interval. */
const STEPS_BACK_FOR_MS = 341 + 100

test('one forged advert costs the box that is left Master_Down_Interval and an interval at most, whatever interval it says', async () => {
  await using lab = await buildLab({ boxes: ['web1'], others: ['client'] })
  const web1 = lab.box('web1')
  await configure(lab, {})
  const { log } = web1.startEngine()
  await log.until(entered('MASTER'))
  for (const advertInterval of [fromMillis(40_950), fromMillis(10)]) {
    const after = log.position()
    const forged = usurper({ ...router(lab.host('client').address), advertInterval }, 255)
    await sendPackets(lab.host('client'), [forged])
    const [left, back] = [await log.until(entered('BACKUP'), { after }), await log.until(entered('MASTER'), { after })]
    const took = timeOf(back) - timeOf(left)
    assert.ok(took >= 320 && took <= STEPS_BACK_FOR_MS, `${took} ms`)
  }
})

test('a flood of forged adverts is counted, said in few lines, and over for the box that is left when it ends', async () => {
  await using lab = await buildLab({ boxes: ['web1'], others: ['client'] })
  const web1 = lab.box('web1')
  await configure(lab, {})
  const { log } = web1.startEngine()
  await log.until(entered('MASTER'))
  const base = router(lab.host('client').address)
  const flood = Array.from({ length: 5_000 }, (_, index) => usurper(base, index % 2 === 0 ? 255 : 120))
  const after = log.position()
  await sendPackets(lab.host('client'), flood)
  const ended = Date.now()
  const back = await log.until(entered('MASTER'), { after })
  assert.ok(timeOf(back) - ended <= STEPS_BACK_FOR_MS, `${timeOf(back) - ended} ms after the end`)
  const { counters, state } = (await web1.status()).instances[0] ?? assert.fail('no instance')
  assert.equal(state, 'MASTER')
  assert.ok((counters.rejected.flood ?? 0) > 1_000, JSON.stringify(counters.rejected))
  assert.ok(log.position() - after < 40, `${log.position() - after} lines`)
})

const timeOf = (line: string): number => Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? assert.fail(line))

const ip = (text: string) => {
  const parsed = parseIpv4(text)
  return parsed.ok ? parsed.value : assert.fail(parsed.error)
}

/** The instance of the lab, as a stranger with this address would run it. */
const router = (address: string): RouterConfig => ({
  version: 3,
  vrid: 77,
  source: ip(address),
  advertInterval: fromMillis(100),
  learns: { shortest: fromMillis(100), longest: fromMillis(100) },
  preempt: true,
  preemptDelay: ZERO,
  addresses: [ip(VIP)],
  authentication: { kind: 'none' },
  checksum: { send: 'pseudo', accept: 'pseudo' },
  announceAt: [],
  announceRefresh: ZERO,
})
