import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { proposeSecondLine } from '../../../src/cli/services/init-channel.ts'
import { contextOf } from '../../../src/cli/services/init-finish.ts'
import { joinInit } from '../../../src/cli/services/init-join.ts'
import { undoInit } from '../../../src/cli/services/init-undo.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { FACTS, GIVEN, ip, person, setUpBox } from './init-box.ts'

const keyOf = (file: string): string => join(dirname(file), 'cluster.key')

const configOf = async (file: string) => {
  const loaded = await loadConfig(file)
  assert.ok(loaded.ok, JSON.stringify(loaded))
  return loaded.value.config
}

test('a pair gets a channel: a key of its own, for root alone, that nothing shows', async (t) => {
  const { file, run } = setUpBox(t)
  const { result } = await run()
  const key = readFileSync(keyOf(file), 'utf8')
  assert.match(key, /^[0-9a-f]{64}\n$/)
  assert.equal(statSync(keyOf(file)).mode & 0o777, 0o600)
  assert.ok(!JSON.stringify(result).includes(key.trim()))
  assert.deepEqual(
    result.files.map(({ path, status, content }) => [path, status, content === null]),
    [
      [keyOf(file), 'new', true],
      [file, 'new', false],
    ],
  )
  const { peer } = await configOf(file)
  assert.deepEqual([peer?.keyFile, peer?.port, peer?.keys.length], ['cluster.key', 7112, 1])
})

test('a key that is there is never replaced, not by --force either', async (t) => {
  const { file, run } = setUpBox(t)
  await run()
  const key = readFileSync(keyOf(file), 'utf8')
  assert.equal((await run()).result.outcome, 'unchanged')
  await run({ ...GIVEN, vrid: '78' }, { options: { force: true } })
  assert.equal(readFileSync(keyOf(file), 'utf8'), key)
})

test('a key that cannot be used stops init before anything is written', async (t) => {
  const { file, run } = setUpBox(t)
  mkdirSync(dirname(file))
  for (const [content, mode, step] of [
    ['secret\n', 0o600, /move it away/],
    [`${'0123456789abcdef'.repeat(4)}\n`, 0o644, /chmod 600/],
  ] as const) {
    writeFileSync(keyOf(file), content)
    chmodSync(keyOf(file), mode)
    await assert.rejects(run(), (error: { code?: string; nextSteps?: readonly string[] }) => {
      assert.equal(error.code, 'init.key')
      assert.match(error.nextSteps?.join('\n') ?? '', step)
      return true
    })
    assert.equal(readFileSync(keyOf(file), 'utf8'), content)
    assert.ok(!existsSync(file))
  }
})

test('--undo takes the key away; one that was there before stays', async (t) => {
  const undo = async (box: ReturnType<typeof setUpBox>) =>
    undoInit({ force: false, dryRun: false }, contextOf(box.options, box.worldOf()), async () => true)
  const fresh = setUpBox(t)
  await fresh.run()
  await undo(fresh)
  assert.ok(!existsSync(keyOf(fresh.file)))
  const kept = setUpBox(t)
  mkdirSync(dirname(kept.file))
  writeFileSync(keyOf(kept.file), `${'0123456789abcdef'.repeat(4)}\n`, { mode: 0o600 })
  await kept.run()
  await undo(kept)
  assert.ok(existsSync(keyOf(kept.file)))
  assert.ok(!existsSync(kept.file))
})

test('--no-peer: no channel, no key', async (t) => {
  const { file, files, run } = setUpBox(t)
  const { result } = await run({ ...GIVEN, 'no-peer': 'yes' })
  assert.deepEqual([result.key_file, (await configOf(file)).peer, files()], [null, undefined, ['haup.yaml']])
  await assert.rejects(run({ ...GIVEN, 'no-peer': 'yes', 'second-line': '10.0.0.1,10.0.0.2' }), {
    code: 'init.useless-answer',
  })
})

test('--second-line: paths in the order of the nodes, the same on both boxes', async (t) => {
  const { file, run } = setUpBox(t)
  const flags = { ...GIVEN, node: 'web2', address: '192.0.2.12', peer: 'web1', 'peer-address': '192.0.2.11' }
  await run({ ...flags, 'second-line': '10.0.0.2,10.0.0.1' })
  const { nodes } = await configOf(file)
  assert.deepEqual(
    nodes.map(({ name, paths }) => [name, paths]),
    [
      ['web1', ['10.0.0.1']],
      ['web2', ['10.0.0.2']],
    ],
  )
})

test('--witness: the gateway, or what is named', async (t) => {
  const { file, run } = setUpBox(t)
  await assert.rejects(run({ ...GIVEN, witness: 'gateway' }), /no default route/)
  await run({ ...GIVEN, witness: 'gateway' }, { facts: { gateway: ip('192.0.2.1') } })
  const [witness] = (await configOf(file)).witnesses
  assert.deepEqual(witness?.kind === 'reachability' && witness.target, { kind: 'ping', address: '192.0.2.1' })
})

const lan = { interface: 'eth0', address: ip('192.0.2.11'), length: 24 }
const second = (name: string, address: string, length: number) => ({ interface: name, address: ip(address), length })
const BEFORE = { address: '192.0.2.11', 'peer-address': '192.0.2.12' }

for (const [what, other, proposal] of [
  ['as far from each other as on the LAN', second('eth1', '10.0.0.1', 24), '10.0.0.1,10.0.0.2'],
  ['the other host of a /30', second('eth1', '10.0.0.6', 30), '10.0.0.6,10.0.0.5'],
  ['the other host of a /31', second('eth1', '10.0.0.7', 31), '10.0.0.7,10.0.0.6'],
  ['nothing on a public line', second('eth1', '203.0.113.1', 24), ''],
  ['nothing between containers', second('docker0', '172.17.0.1', 16), ''],
  ['nothing on the LAN’s own interface', second('eth0', '10.0.0.1', 24), ''],
  ['nothing outside the subnet', second('eth1', '10.0.0.255', 25), ''],
] as const) {
  test(`a second line is proposed to a person: ${what}`, () =>
    assert.equal(proposeSecondLine({ addresses: [lan, other] }, BEFORE), proposal))
}

test('a person is asked for it where there is a second line; without one, and with --yes, it is none', async (t) => {
  const addresses = [lan, second('eth1', '10.0.0.1', 24)]
  const asked = setUpBox(t)
  await asked.run(GIVEN, { facts: { addresses }, world: { wizard: person({}).wizard } })
  assert.deepEqual((await configOf(asked.file)).nodes[1]?.paths, ['10.0.0.2'])
  const unasked = setUpBox(t)
  await unasked.run(GIVEN, { facts: { addresses } })
  assert.deepEqual((await configOf(unasked.file)).nodes[1]?.paths, [])
})

/** The first box's files where `scp` puts them, on the second box. */
async function copied(t: TestContext, names: readonly string[]) {
  const first = setUpBox(t)
  await first.run()
  const box = setUpBox(t)
  for (const name of names) copyFileSync(join(dirname(first.file), name), join(box.directory, name))
  const from = join(box.directory, 'haup.yaml')
  const facts = { ...FACTS, hostname: 'web2', addresses: [{ ...lan, address: ip('192.0.2.12') }] }
  const join2 = () => joinInit({ ...box.options, from, enable: false }, box.worldOf({ facts }))
  return { ...box, first, join2, key: join(box.directory, 'cluster.key') }
}

test('--join puts both files in place', async (t) => {
  const { first, file, join2 } = await copied(t, ['haup.yaml', 'cluster.key'])
  const { result } = await join2()
  assert.equal(result.key_file, keyOf(file))
  assert.equal(readFileSync(keyOf(file), 'utf8'), readFileSync(keyOf(first.file), 'utf8'))
  assert.equal(statSync(keyOf(file)).mode & 0o777, 0o600)
})

test('--join without the key, or with one that others may read, says what to do', async (t) => {
  const { join2, first, key, file } = await copied(t, ['haup.yaml'])
  const told = async (): Promise<string> => {
    const thrown = await join2().then(
      () => assert.fail('it went on'),
      (error: { code: string; message: string; nextSteps: readonly string[] }) => error,
    )
    assert.equal(thrown.code, 'init.key')
    assert.ok(!existsSync(file))
    return thrown.nextSteps.join('\n')
  }
  assert.match(await told(), /on the first box: scp -p \/etc\/haup\/cluster.key root@.*\nhaup init --join/)
  copyFileSync(keyOf(first.file), key)
  chmodSync(key, 0o644)
  assert.match(await told(), new RegExp(`^chmod 600 ${key}`))
})
