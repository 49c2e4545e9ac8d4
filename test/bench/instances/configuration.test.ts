import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressesOf, haupInstances, instanceName, keepalivedFile } from '../../../bench/instances/configuration.ts'
import { problemsOf } from '../../config/fixture.ts'

test('each instance has a name, a VRID and an address of its own', () => {
  const instances = Object.entries(haupInstances(255, 'nginx'))
  const [first, last] = [instances[0], instances.at(-1)]
  assert.equal(instances.length, 255)
  assert.deepEqual([first?.[0], first?.[1].vrid, first?.[1].virtual_addresses], ['vi001', 1, ['192.0.3.1/16']])
  assert.deepEqual([last?.[0], last?.[1].vrid, last?.[1].virtual_addresses], ['vi255', 255, ['192.0.3.255/16']])
  assert.equal(new Set(addressesOf(255)).size, 255)
  assert.equal(instanceName(7), 'vi007')
})

test('haup has nothing to say against the file of as many as there can be', () => {
  const document = {
    cluster: 'bench',
    nodes: { web1: { address: '192.0.2.11' }, web2: { address: '192.0.2.12' } },
    instances: haupInstances(255, 'nginx'),
    services: {
      nginx: { probes: [{ http: { url: 'http://127.0.0.1/healthz' } }], restart: { unit: 'nginx.service' } },
    },
  }
  assert.deepEqual(problemsOf(JSON.stringify(document, undefined, 2)), [])
})

test('there are no more VRIDs than 255, and none is no number of instances', () => {
  for (const count of [0, 256, 1.5, Number.NaN]) assert.throws(() => haupInstances(count, 'nginx'), RangeError)
})

test('keepalived has the same instances, each with the priority of its box', () => {
  const file = keepalivedFile(3, 'web1', 'eth0', '/bin/true')
  const lines = file.split('\n').map((line) => line.trim())
  for (const [name, { vrid, virtual_addresses, priority }] of Object.entries(haupInstances(3, 'nginx'))) {
    const at = lines.indexOf(`vrrp_instance ${name} {`)
    const block = lines.slice(at, at + 12)
    assert.ok(at >= 0)
    assert.ok(block.includes(`virtual_router_id ${vrid}`))
    assert.ok(block.includes(`priority ${priority.web1}`))
    assert.ok(block.includes(virtual_addresses[0] ?? ''))
    assert.ok(block.includes('advert_int 1'))
  }
  assert.equal(lines.filter((line) => line.endsWith('{')).length, lines.filter((line) => line === '}').length)
  assert.ok(keepalivedFile(1, 'web2', 'eth0', '/bin/true').includes('priority 100'))
})
