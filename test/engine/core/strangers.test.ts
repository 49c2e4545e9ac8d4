import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressWarnings } from '../../../src/engine/core/addresses.ts'
import type { SeenAddress } from '../../../src/engine/ports.ts'
import { parseIpv4Prefix } from '../../../src/shared/ip.ts'
import { createNode, instance, planFor } from './support.ts'

/** A virtual address that the box has already. */

const on = (name: string, text: string, origin?: string | null): SeenAddress => {
  const parsed = parseIpv4Prefix(text)
  assert.ok(parsed.ok)
  return { interface: name, address: parsed.value, ours: false, ...(origin === undefined ? {} : { origin }) }
}
const own = on('eth0', '192.0.2.11/24')
const FILE = '/etc/network/interfaces, line 12'

const box = (gate: boolean) => {
  const plan = planFor('web1', [instance({ gate })])
  const node = createNode(plan)
  node.ready()
  const see = (...seen: readonly SeenAddress[]): readonly string[] =>
    node
      .send({ kind: 'addresses', seen: [own, ...seen] })
      .flatMap((action) => (action.kind === 'log' ? `${action.record.code}: ${action.record.message}` : []))
  const warning = (): string =>
    addressWarnings(plan, node.state())
      .map(({ message }) => message)
      .join()
  return { ...node, see, warning }
}

test('it is no fault: the node claims, and says the same of it before and after', () => {
  const node = box(true)
  const [said, ...more] = node.see(on('eth0', '192.0.2.100/32'))
  assert.match(
    said ?? '',
    /^vip\.stranger: 192\.0\.2\.100\/32 on eth0 is not haup's: it is used as it is while this node/,
  )
  assert.deepEqual(more, [])
  const before = node.warning()
  assert.match(before, /closed by the gate while not; remove it where it is set \(now: ip addr del 192\.0\.2\.100\/32/)
  node.run(4)
  assert.equal(node.shown().state, 'MASTER')
  assert.deepEqual(node.see(on('eth0', '192.0.2.100/32')), [])
  assert.equal(node.warning(), before)
})

test('the file that sets it is named once it is found', () => {
  const node = box(true)
  node.see(on('eth0', '192.0.2.100/24'))
  assert.deepEqual(node.see(on('eth0', '192.0.2.100/24', null)), [])
  const [said, ...more] = node.see(on('eth0', '192.0.2.100/24', FILE))
  assert.equal(said, `vip.stranger-origin: 192.0.2.100/24 on eth0 comes from ${FILE}: remove it there`)
  assert.deepEqual(more, [])
  assert.deepEqual(node.see(on('eth0', '192.0.2.100/24', FILE)), [])
  assert.match(node.warning(), /remove it from \/etc\/network\/interfaces, line 12, so that haup alone sets it/)
})

test('without a gate, and on another interface, it means something else', () => {
  const open = box(false)
  open.see(on('eth0', '192.0.2.100/24'))
  assert.match(open.warning(), /used as it is while this node holds it, and taken away while not/)
  open.see(on('lo', '192.0.2.100/32'))
  assert.match(open.warning(), /this box may answer for it whoever is MASTER/)
  const fenced = box(true)
  fenced.see(on('lo', '192.0.2.100/32'))
  assert.match(fenced.warning(), /closed by the gate while this node does not hold it/)
})
