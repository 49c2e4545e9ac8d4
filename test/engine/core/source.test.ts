import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addressWarnings } from '../../../src/engine/core/addresses.ts'
import type { SeenAddress } from '../../../src/engine/ports.ts'
import { parseIpv4Prefix } from '../../../src/shared/ip.ts'
import { createCluster } from './cluster.ts'

/** Boxes whose own addresses move, and who serves meanwhile. */

const on = (name: string, text: string): SeenAddress => {
  const parsed = parseIpv4Prefix(text)
  assert.ok(parsed.ok)
  return { interface: name, address: parsed.value, ours: false }
}
const OWN = { web1: '192.0.2.11/24', web2: '192.0.2.12/24' } as const
type Name = keyof typeof OWN

const settled = () => {
  const cluster = createCluster()
  cluster.startAll()
  const place = (name: Name, interfaceName: string): void =>
    cluster.send(name, { kind: 'addresses', seen: [on(interfaceName, OWN[name])] })
  place('web1', 'eth0')
  place('web2', 'eth0')
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  /** As when eth0 becomes a port of br0. */
  const bridge = (name: Name): void => {
    cluster.send(name, { kind: 'addresses', seen: [] })
    const link = { interface: 'eth0', up: true, detail: 'interface eth0 is up, a port of br0', portOf: 'br0' }
    cluster.send(name, { kind: 'link', link })
    place(name, 'br0')
  }
  const codes = (name: Name): string[] => {
    const { plan, state } = cluster.member(name)
    return addressWarnings(plan, state).map(({ code }) => code)
  }
  const shown = (name: Name) => cluster.member(name).state.instances.get('www')?.display
  return { ...cluster, place, bridge, codes, shown }
}

describe('a box whose address is not on the interface of its instance', () => {
  test('leaves the addresses to a box that can serve, at once, and is back when that is mended', () => {
    const cluster = settled()
    const from = cluster.now()
    cluster.bridge('web1')
    cluster.run(1)
    assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
    assert.ok(cluster.since(from).gap <= 20, `${cluster.since(from).gap} ms`)
    assert.equal(cluster.shown('web1')?.state, 'FAULT')
    assert.match(cluster.shown('web1')?.reason ?? '', /192\.0\.2\.11 is on br0, not on eth0/)
    assert.deepEqual(cluster.codes('web1'), ['place.misplaced'])
    cluster.place('web1', 'eth0')
    cluster.run(8)
    assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
    assert.deepEqual(cluster.codes('web1'), [])
    assert.deepEqual(cluster.since(from).doubles, [])
  })

  test('holds on with a warning where no other one could serve, and until there is one', () => {
    const cluster = settled()
    cluster.bridge('web2')
    cluster.run(1)
    const from = cluster.now()
    cluster.bridge('web1')
    cluster.run(10)
    assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
    assert.deepEqual(cluster.since(from).doubles, [])
    assert.deepEqual(cluster.codes('web1'), ['place.misplaced'])
    cluster.place('web2', 'eth0')
    cluster.run(5)
    assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  })

  test('claims when the one that could serve has died', () => {
    const cluster = settled()
    cluster.bridge('web1')
    cluster.run(5)
    assert.deepEqual(cluster.accepting(), ['web2'])
    cluster.kill('web2')
    cluster.run(15)
    assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  })
})
