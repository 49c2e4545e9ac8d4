import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyTable, stateOf, tableOf, tableWith, withoutReplaced } from '../../../src/engine/io/link-table.ts'
import type { KernelLink, LinkEvent } from '../../../src/engine/io/rtnetlink.ts'

const link = (index: number, name: string, change: Partial<KernelLink> = {}): LinkEvent => ({
  kind: 'present',
  link: { index, name, hardwareAddress: undefined, enabled: true, carrier: true, running: true, ...change },
})

const detailOf = (event: LinkEvent): string => stateOf('eth0', tableOf([event])).detail

test('an interface is up when it exists, is enabled, has carrier and is operational', () => {
  assert.deepEqual(stateOf('eth0', tableOf([link(2, 'eth0')])), {
    interface: 'eth0',
    up: true,
    detail: 'interface eth0 is up',
  })
  assert.equal(detailOf(link(2, 'eth0', { enabled: false })), 'interface eth0 is administratively down')
  assert.equal(detailOf(link(2, 'eth0', { carrier: false, running: false })), 'interface eth0 has no carrier')
  assert.equal(detailOf(link(2, 'eth0', { running: false })), 'interface eth0 is dormant')
  assert.equal(detailOf(link(2, 'eth1')), 'interface eth0 does not exist')
})

test('a port of a bridge says so, until it leaves it', () => {
  const table = tableOf([link(2, 'eth0', { master: 7 }), link(7, 'br0')])
  assert.deepEqual(stateOf('eth0', table), {
    interface: 'eth0',
    up: true,
    detail: 'interface eth0 is up',
    portOf: 'br0',
  })
  assert.equal(stateOf('eth0', tableWith(table, { kind: 'gone', index: 7 })).portOf, undefined)
})

test('gone, renamed and re-created interfaces are followed by index', () => {
  const table = tableOf([link(2, 'eth0'), link(3, 'eth1')])
  assert.equal(stateOf('eth0', tableWith(table, { kind: 'gone', index: 2 })).up, false)
  assert.equal(stateOf('eth0', tableWith(table, link(2, 'lan0'))).up, false)
  assert.equal(stateOf('lan0', tableWith(table, link(2, 'lan0'))).up, true)
  const recreated = tableWith(tableWith(table, { kind: 'gone', index: 2 }), link(9, 'eth0'))
  assert.equal(stateOf('eth0', recreated).up, true)
})

test('an interface that was replaced between two readings shows as gone in between', () => {
  const before = tableOf([link(2, 'eth0'), link(3, 'eth1')])
  const fresh = tableOf([link(9, 'eth0'), link(3, 'eth1'), link(10, 'new')])
  const between = withoutReplaced(before, fresh)
  assert.equal(stateOf('eth0', between).up, false)
  assert.equal(stateOf('eth1', between).up, true)
  assert.equal(stateOf('new', between).up, true)
  assert.deepEqual(withoutReplaced(emptyTable, fresh), fresh)
})
