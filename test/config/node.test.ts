import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findNode, type Identity } from '../../src/config/node.ts'
import { parseIpv4 } from '../../src/shared/ip.ts'
import { configOf, VALID } from './fixture.ts'

const config = configOf(VALID)
const ip = (text: string) => {
  const parsed = parseIpv4(text)
  assert.ok(parsed.ok)
  return parsed.value
}
const nobody: Identity = { name: undefined, addresses: [], hostname: 'elsewhere' }
const found = (identity: Partial<Identity>) => {
  const result = findNode(config, { ...nobody, ...identity })
  return result.ok ? [result.value.node.name, result.value.how] : result.error
}

test('a name given wins over address and host name', () => {
  assert.deepEqual(found({ name: 'web2', addresses: [ip('192.0.2.11')], hostname: 'web1' }), ['web2', 'name'])
})

test('the address wins over the host name', () => {
  assert.deepEqual(found({ addresses: [ip('198.51.100.7'), ip('192.0.2.12')], hostname: 'web1' }), ['web2', 'address'])
})

test('the host name, whole or short', () => {
  assert.deepEqual(found({ hostname: 'WEB1' }), ['web1', 'hostname'])
  assert.deepEqual(found({ hostname: 'web2.example.org' }), ['web2', 'hostname'])
})

test('errors name what was looked for', () => {
  assert.match(String(found({ name: 'web3' })), /no node is called web3; nodes are: web1 \(192.0.2.11\), web2/)
  const none = String(found({ addresses: [ip('198.51.100.7')] }))
  assert.match(none, /198.51.100.7/)
  assert.match(none, /elsewhere/)
  assert.match(none, /--node/)
  assert.match(String(found({ addresses: [ip('192.0.2.11'), ip('192.0.2.12')] })), /web1 and web2; name the node/)
})
