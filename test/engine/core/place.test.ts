import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { placeOf } from '../../../src/engine/core/place.ts'
import type { LinkState, SeenAddress } from '../../../src/engine/ports.ts'
import { parseIpv4Prefix } from '../../../src/shared/ip.ts'
import { planFor } from './support.ts'

const [plan] = planFor('web1').instances
assert.ok(plan)

const on = (name: string, text: string, ours = false): SeenAddress => {
  const parsed = parseIpv4Prefix(text)
  assert.ok(parsed.ok)
  return { interface: name, address: parsed.value, ours }
}
const links = (portOf?: string): ReadonlyMap<string, LinkState> =>
  new Map([['eth0', { interface: 'eth0', up: true, detail: '', ...(portOf === undefined ? {} : { portOf }) }]])

const place = (seen: readonly SeenAddress[] | undefined, { portOf, channel = true }: Partial<Options> = {}) => {
  const { fault, misplaced, remarks } = placeOf(plan, seen, links(portOf), channel)
  return { fault, misplaced, remarks: remarks.join() }
}
type Options = { readonly portOf: string; readonly channel: boolean }

const RIGHT = { fault: undefined, misplaced: undefined, remarks: '' }

describe('the address that adverts come from', () => {
  test('in its place is right, with or without the virtual one; before the first report nothing is known', () => {
    assert.deepEqual(place([on('eth0', '192.0.2.11/24')]), RIGHT)
    assert.deepEqual(place([on('eth0', '192.0.2.11/24'), on('eth0', '192.0.2.100/24', true)]), RIGHT)
    assert.deepEqual(place(undefined), RIGHT)
  })

  test('that is nowhere is a fault, which names what came in its place, and the remedy', () => {
    assert.match(
      place([]).fault ?? '',
      /192\.0\.2\.11, which adverts come from, is on no interface: set it again on eth0/,
    )
    const changed = place([on('eth0', '192.0.2.31/24'), on('eth0', '192.0.2.100/24', true)])
    assert.match(changed.fault ?? '', /eth0 has 192\.0\.2\.31: write that under "nodes" .* then "haup reload"$/)
    assert.match(place([on('eth0', '192.0.2.100/24')]).fault ?? '', /set it again/, 'the virtual one is not its own')
  })

  test('that is on the bridge of which the interface is a port: misplaced, without the channel a fault', () => {
    const seen = [on('br0', '192.0.2.11/24'), on('eth0', '192.0.2.100/24', true)]
    const bridged = place(seen, { portOf: 'br0' })
    assert.equal(bridged.fault, undefined)
    assert.match(
      bridged.misplaced ?? '',
      /^192\.0\.2\.11 is on br0, not on eth0, which is a port of br0 now.*"haup reload"/,
    )
    assert.match(place(seen, { portOf: 'br0', channel: false }).fault ?? '', /is on br0, not on eth0/)
  })

  test('that is on another interface: misplaced where the instance has none, else remarked', () => {
    const bare = place([on('eth1', '192.0.2.11/24')])
    assert.match(bare.misplaced ?? '', /192\.0\.2\.11 is on eth1, not on eth0/)
    assert.match(place([on('eth1', '192.0.2.11/24')], { channel: false }).remarks, /rp_filter=1/)
    const other = place([on('eth1', '192.0.2.11/24'), on('eth0', '192.0.2.21/24')])
    assert.equal(other.misplaced, undefined)
    assert.match(
      other.remarks,
      /boxes with rp_filter=1 drop adverts from it; name the addresses .* on eth0 under "paths"/,
    )
  })
})

describe('the LAN', () => {
  test('that another node is not on is remarked, where the virtual addresses belong to it', () => {
    const { misplaced, remarks } = place([on('eth0', '192.0.2.11/29')])
    assert.equal(misplaced, undefined)
    assert.equal(remarks, '')
    const [routed] = planFor('web1').instances
    assert.ok(routed)
    const peers = routed.peers.map((peer) => ({ ...peer, address: '10.0.0.12' as typeof peer.address }))
    const far = placeOf({ ...routed, peers }, [on('eth0', '192.0.2.11/24')], links(), true)
    assert.equal(far.misplaced, undefined)
    assert.match(
      far.remarks.join(),
      /web2 \(10\.0\.0\.12\) is not on the LAN of eth0 \(192\.0\.2\.11\/24\): adverts do not cross/,
    )
  })

  test('that no other node is on, and the virtual addresses do not belong to: misplaced', () => {
    const [far] = planFor('web2').instances
    assert.ok(far)
    const source = '10.0.0.12' as typeof far.router.source
    const moved = { ...far, router: { ...far.router, source } }
    const found = placeOf(moved, [on('eth0', '10.0.0.12/24')], links(), true)
    assert.match(found.misplaced ?? '', /web1 .* is not on the LAN .* and 192\.0\.2\.100\/24 does not belong to it/)
  })

  test('of a /32 tells nothing', () => {
    assert.deepEqual(place([on('eth0', '192.0.2.11/32')]), RIGHT)
  })
})
