import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences, type Present, planAddresses, type Wanted } from '../../../src/engine/vip/plan.ts'
import { formatPrefix, parseIpv4Prefix } from '../../../src/shared/ip.ts'

const prefix = (text: string): Wanted['address'] => {
  const parsed = parseIpv4Prefix(text)
  assert.ok(parsed.ok)
  return parsed.value
}

const want = (text: string, label = 'eth0', interfaceIndex = 2): Wanted => ({
  interfaceIndex,
  interfaceName: `eth${interfaceIndex - 2}`,
  address: prefix(text),
  label,
})
const have = (text: string, ours: boolean, label = 'eth0', interfaceIndex = 2): Present => ({
  ...want(text, label, interfaceIndex),
  protocol: ours ? 72 : 0,
  secondary: false,
  ours,
})

const all = (): boolean => true
const none = (): boolean => false
const texts = (list: readonly Wanted[]): readonly string[] => list.map((each) => formatPrefix(each.address))

test('adds what is missing and removes what is not wanted any more', () => {
  const plan = planAddresses(
    [want('192.0.2.100'), want('192.0.2.101')],
    [have('192.0.2.101', true), have('192.0.2.102', true)],
    all,
  )
  assert.deepEqual(texts(plan.add), ['192.0.2.100/32'])
  assert.deepEqual(texts(plan.remove), ['192.0.2.102/32'])
  assert.deepEqual([plan.removeFirst, plan.foreign], [[], []])
})

test('does nothing when all is as desired', () => {
  const plan = planAddresses([want('192.0.2.100')], [have('192.0.2.100', true), have('192.0.2.11/24', false)], all)
  assert.deepEqual(plan, { removeFirst: [], add: [], remove: [], foreign: [] })
})

test('leaves addresses of ours that the caller may not remove, and never removes another’s', () => {
  const present = [have('192.0.2.100', true), have('192.0.2.11/24', false)]
  assert.deepEqual(planAddresses([], present, none).remove, [])
  assert.deepEqual(texts(planAddresses([], present, all).remove), ['192.0.2.100/32'])
})

test('an address that is there without our mark is foreign, whatever its prefix length', () => {
  for (const there of ['192.0.2.100', '192.0.2.100/24']) {
    const plan = planAddresses([want('192.0.2.100')], [have(there, false)], all)
    assert.deepEqual(texts(plan.foreign), [formatPrefix(prefix(there))])
    assert.deepEqual(plan.add, [])
  }
  const elsewhere = planAddresses([want('192.0.2.100')], [have('192.0.2.100', false, 'eth1', 3)], all)
  assert.deepEqual(elsewhere.foreign, [], 'on another interface it is not in the way')
})

test('a changed label needs the old address out of the way; a changed prefix length does not', () => {
  const relabelled = planAddresses([want('192.0.2.100', 'eth0:1')], [have('192.0.2.100', true)], all)
  assert.deepEqual(
    [texts(relabelled.removeFirst), texts(relabelled.add), texts(relabelled.remove)],
    [['192.0.2.100/32'], ['192.0.2.100/32'], []],
  )
  const resized = planAddresses([want('192.0.2.100/24')], [have('192.0.2.100', true)], all)
  assert.deepEqual(
    [texts(resized.removeFirst), texts(resized.add), texts(resized.remove)],
    [[], ['192.0.2.100/24'], ['192.0.2.100/32']],
  )
})

test('an address brings its subnet’s route unless another address made the subnet reachable', () => {
  const ownRoute = (wanted: string, ...present: readonly Present[]): boolean | undefined =>
    planAddresses([want(wanted)], present, all).add[0]?.ownRoute
  assert.equal(ownRoute('192.0.2.100/24'), true, 'nobody else')
  assert.equal(
    ownRoute('192.0.2.100/24', have('192.0.2.11/24', false)),
    true,
    'a secondary: the kernel shares the route',
  )
  assert.equal(ownRoute('192.0.2.100/25', have('192.0.2.11/24', false)), false, 'a longer prefix would win')
  assert.equal(ownRoute('192.0.2.100/24', have('192.0.2.11/24', false, 'eth1', 3)), false, 'through another interface')
  assert.equal(ownRoute('192.0.2.200/24', have('192.0.2.11/25', false)), true, 'not reachable before')
  assert.equal(ownRoute('192.0.2.100', have('192.0.2.11/24', false)), true, '/32 has no route')
  assert.equal(ownRoute('192.0.2.100/24', have('192.0.2.101/25', true)), true, 'ours do not count')
})

test('a read-back tells what is missing and what remains', () => {
  const wanted = [want('192.0.2.100'), want('192.0.2.101')]
  const removed = [have('192.0.2.102', true)]
  const good = [have('192.0.2.100', true), have('192.0.2.101', true), have('192.0.2.102', false)]
  assert.deepEqual(differences(wanted, good, removed), { missing: [], remaining: [] })
  const bad = [have('192.0.2.100', false), have('192.0.2.101', true), have('192.0.2.102', true)]
  const found = differences(wanted, bad, removed)
  assert.deepEqual([texts(found.missing), texts(found.remaining)], [['192.0.2.100/32'], ['192.0.2.102/32']])
})

test('an address of ours that came to stand before the box’s own is set anew behind it', () => {
  const own = { ...have('192.0.2.11/24', false), secondary: true }
  const front = have('192.0.2.100/24', true)
  const plan = planAddresses([want('192.0.2.100/24')], [front, own], all)
  assert.deepEqual([texts(plan.removeFirst), texts(plan.add)], [['192.0.2.100/24'], ['192.0.2.100/24']])
  const behind = [have('192.0.2.11/24', false), { ...front, secondary: true }]
  const elsewhere = [
    { ...own, interfaceIndex: 3 },
    { ...have('198.51.100.1/24', false), secondary: true },
  ]
  for (const present of [behind, [front, ...elsewhere]]) {
    const { removeFirst, add } = planAddresses([want('192.0.2.100/24')], present, all)
    assert.deepEqual([removeFirst, add], [[], []])
  }
})
