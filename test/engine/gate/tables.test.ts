import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createGateLan, forget, type GateLan, neighbour, nft, OWN, OWNERS, PORT, VIP } from './support.ts'

let lan: GateLan

before(async () => {
  lan = await createGateLan()
})
after(() => lan[Symbol.asyncDispose]())
beforeEach(async () => {
  await lan.engine.call('remove')
  nft(lan.box, 'flush', 'ruleset')
  forget(lan.peer)
})

const prepare = () => lan.engine.call('prepare', OWNERS)
const READY = { ok: true, value: { kind: 'ready' } }
const nextForeign = () => lan.engine.next(({ event }) => event === 'foreign')
const tables = (): readonly string[] => nft(lan.box, 'list', 'tables').trim().split('\n').toSorted()
const GATE = ['table arp haup', 'table arp haup-open', 'table inet haup', 'table inet haup-open']

test('its tables come, come again, and go', async () => {
  assert.deepEqual(await prepare(), READY)
  assert.deepEqual(tables(), GATE)
  assert.deepEqual(await prepare(), READY)
  assert.deepEqual(tables(), GATE)
  assert.deepEqual(await lan.engine.call('remove'), { ok: true })
  assert.deepEqual(tables(), [''])
  assert.deepEqual(await lan.engine.call('remove'), { ok: true }, 'again')
})

test('other tables are never touched', async () => {
  nft(lan.box, 'add', 'table', 'inet', 'filter')
  nft(lan.box, 'add', 'table', 'ip', 'haup')
  await prepare()
  await lan.engine.call('remove')
  assert.deepEqual(tables(), ['table inet filter', 'table ip haup'])
})

test('a table of the same name that is not ours is refused and left alone', async () => {
  nft(lan.box, 'add', 'table', 'inet', 'haup')
  const refused = JSON.stringify(await prepare())
  assert.match(refused, /table inet haup exists and is not haup's: .*nft delete table inet haup/)
  await lan.engine.call('remove')
  assert.deepEqual(tables(), ['table inet haup'])
})

test('two engines: the second is told who holds the gate', async () => {
  await prepare()
  await using second = lan.startEngine()
  assert.match(JSON.stringify(await second.call('prepare', OWNERS)), /haup-open belongs to another program that runs/)
  assert.deepEqual(await lan.engine.call('close', 'www'), { ok: true }, 'the first is not harmed')
})

test('what a killed engine left is removed by the next', async () => {
  const first = lan.startEngine()
  await first.call('prepare', OWNERS)
  await first.kill()
  assert.deepEqual(
    tables(),
    GATE.filter((table) => !table.endsWith('open')),
  )
  assert.deepEqual(await lan.engine.call('remove'), { ok: true })
  assert.deepEqual(tables(), [''])
})

describe('changes by others', () => {
  for (const [command, report] of [
    [['flush', 'ruleset'], /"nft" deleted table inet haup, deleted table arp haup|deleted table arp haup, deleted/],
    [['delete', 'table', 'arp', 'haup'], /"nft" deleted table arp haup$/],
    [['flush', 'chain', 'inet', 'haup', 'closed'], /"nft" changed table inet haup$/],
    [['insert', 'rule', 'inet', 'haup', 'enter', 'accept'], /"nft" changed table inet haup$/],
    [['delete', 'element', 'inet', 'haup', 'vip4', `{ ${VIP} }`], /"nft" changed table inet haup$/],
  ] as const) {
    test(`nft ${command.join(' ')} is noticed at once`, async () => {
      await prepare()
      nft(lan.box, ...command)
      const done = Number(process.hrtime.bigint() / 1_000n)
      const { what, at } = await nextForeign()
      assert.match(String(what), report)
      assert.ok(Number(at) - done < 200_000, `${Number(at) - done} us after nft ended`)
      assert.deepEqual(await prepare(), READY)
      assert.equal(await lan.client.call('reach', VIP, PORT, 200), false)
    })
  }

  test('our own, and changes of other tables, are not reported', async () => {
    await prepare()
    nft(lan.box, 'add', 'table', 'inet', 'filter')
    await lan.engine.call('open', 'www', 1_000)
    await lan.engine.call('close', 'www')
    await prepare()
    nft(lan.box, 'delete', 'table', 'inet', 'haup')
    assert.match(String((await nextForeign()).what), /deleted table inet haup/, 'the first report')
    assert.deepEqual(lan.engine.pending(), [])
  })

  test('nobody else can open it: the owned tables refuse', async () => {
    await prepare()
    assert.throws(() => nft(lan.box, 'add', 'element', 'inet', 'haup-open', 'open-www-1', '{ ipv4 timeout 1h }'))
    assert.throws(() => nft(lan.box, 'delete', 'table', 'inet', 'haup-open'))
  })
})

describe('marks of packets', () => {
  const count = (): number =>
    Number(/packets (\d+)/.exec(nft(lan.box, 'list', 'counters', 'table', 'inet', 'user'))?.[1])

  /** Another program that marks what comes in, before us, and counts what arrives with exactly that mark. */
  const marking = (mark: string): void => {
    nft(lan.box, 'add', 'table', 'inet', 'user')
    nft(lan.box, 'add', 'counter', 'inet', 'user', 'seen')
    nft(lan.box, 'add', 'chain', 'inet', 'user', 'early', '{ type filter hook prerouting priority -350; }')
    nft(lan.box, 'add', 'rule', 'inet', 'user', 'early', 'tcp', 'dport', String(PORT), 'meta', 'mark', 'set', mark)
    nft(lan.box, 'add', 'chain', 'inet', 'user', 'late', '{ type filter hook input priority 0; }')
    nft(lan.box, 'add', 'rule', 'inet', 'user', 'late', 'meta', 'mark', mark, 'counter', 'name', 'seen')
  }

  test('others keep theirs, and do not see ours', async () => {
    marking('0x00ab0012')
    await prepare()
    await lan.engine.call('open', 'www', 5_000)
    assert.equal(await lan.client.call('reach', VIP, PORT, 2_000), true)
    assert.ok(count() >= 2, `${count()} packets of the connection with that mark and no other bit`)
  })

  test('ours, set by somebody else, opens nothing', async () => {
    marking('0x08000000')
    await prepare()
    assert.equal(await lan.client.call('reach', OWN, PORT, 1_000), true)
    lan.peer.ip('neigh', 'replace', VIP, 'lladdr', neighbour(lan.peer, OWN) ?? '', 'dev', 'e0', 'nud', 'permanent')
    assert.equal(await lan.client.call('reach', VIP, PORT, 300), false)
    lan.peer.ip('neigh', 'del', VIP, 'dev', 'e0')
  })

  test('that bit of a packet to another address is left alone', async () => {
    marking('0x08000000')
    await prepare()
    assert.equal(await lan.client.call('reach', '192.0.2.11', PORT, 1_000), true)
    assert.ok(count() >= 2, `${count()} packets`)
  })
})
