import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTroubles } from '../../../src/engine/io/peer-troubles.ts'
import type { PeerTrouble } from '../../../src/engine/ports.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'

const FROM = '192.0.2.9' as Ipv4

test('all is counted; of one kind and node, one is told', () => {
  const told: string[] = []
  const troubles = createTroubles(({ kind, from }) => told.push(`${kind} ${from}`))
  const stranger = (last: number): PeerTrouble => ({
    kind: 'stranger',
    from: `192.0.2.${last}` as Ipv4,
    detail: 'not an address of a node',
  })
  for (let count = 0; count < 100; count += 1) {
    troubles.report(stranger(count), undefined)
    troubles.report({ kind: 'key', node: 'web2', from: FROM }, 'web2')
    troubles.report({ kind: 'key', node: 'web3', from: FROM }, 'web3')
    troubles.count('skipped')
  }
  assert.deepEqual(told, ['stranger 192.0.2.0', 'key 192.0.2.9', 'key 192.0.2.9'])
  assert.deepEqual(troubles.counts(), { stranger: 100, key: 200, skipped: 100 })
})
