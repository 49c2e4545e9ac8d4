import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkAgainstHost, type HostInterface } from '../../src/config/check-host.ts'
import { formatPath } from '../../src/config/finding.ts'
import { type Ipv4, parseIpv4Prefix } from '../../src/shared/ip.ts'
import { configOf, VALID } from './fixture.ts'

const host = (name: string, ...prefixes: string[]): HostInterface => ({
  name,
  addresses: prefixes.map((text) => {
    const parsed = parseIpv4Prefix(text)
    assert.ok(parsed.ok)
    return parsed.value
  }),
})

function findings(text: string, ...interfaces: HostInterface[]): string[] {
  const config = configOf(text)
  const [node] = config.nodes
  assert.ok(node)
  return checkAgainstHost(config, node, interfaces).map(({ severity, path, message }) => {
    assert.equal(severity, 'warning')
    return `${formatPath(path)}: ${message}`
  })
}

const eth0 = host('eth0', '192.0.2.11/24')
const eth1 = host('eth1', '192.0.2.200/25', '10.0.0.1/8')

test('a box as the file says', () => {
  assert.deepEqual(findings(VALID, eth0, host('eth1', '192.0.2.5/24')), [])
})

test('addresses outside the subnets of their interface', () => {
  assert.deepEqual(findings(VALID, eth0, eth1), [
    'instances.www.virtual_addresses[1]: 192.0.2.101/32 is outside the subnets of eth1 (192.0.2.200/25, 10.0.0.1/8)',
  ])
})

test('another node that this one cannot hear', () => {
  const far = VALID.replace('address: 192.0.2.12', 'address: 192.0.22.12')
  const eth1 = host('eth1', '192.0.2.5/24')
  assert.deepEqual(findings(far, eth0, eth1), [
    'nodes.web2.address: 192.0.22.12 is outside the subnets of eth0 (192.0.2.11/24): adverts do not cross a router',
  ])
  assert.deepEqual(findings(far, eth0, eth1, host('eth2', '192.0.22.11/24')), [])
  assert.deepEqual(findings(VALID.replace('address: 192.0.2.12', 'address: 192.0.2.255'), eth0, eth1), [
    'nodes.web2.address: 192.0.2.255 cannot be a host: it is the broadcast address of its /24',
  ])
})

test('a box that the other nodes take for another kind', () => {
  const text = VALID.replace(/^( *)(address: 192\.0\.2\.11)$/m, '$1$2\n$1kind: keepalived')
  assert.notEqual(text, VALID)
  const [line = '', ...others] = findings(text, eth0, host('eth1', '192.0.2.5/24'))
  assert.match(line, /^nodes\.\w+\.kind: this box runs haup, but the other nodes are told that it runs keepalived$/)
  assert.deepEqual(others, [])
})

test('interfaces that are not there', () => {
  assert.deepEqual(findings(VALID, eth0), [
    'instances.www.virtual_addresses[1].interface: this box has no interface eth1',
  ])
  const lines = findings(VALID.replaceAll('eth0', 'eth7'), eth0, host('eth1', '192.0.2.5/24'))
  assert.deepEqual(lines, [
    'nodes.web1.interface: 192.0.2.11 is on eth0, not eth7',
    'nodes.web1.interface: this box has no interface eth7',
    'instances.www.interface: this box has no interface eth7',
  ])
})

test('a node whose address is not here', () => {
  const text = VALID.replaceAll(/ +interface: eth0\n/g, '')
  assert.match(findings(text, host('eth1', '192.0.2.5/24'))[0] ?? '', /no interface of this box has 192.0.2.11/)
})

test('a path whose own address this box does not have', () => {
  const text = VALID.replace('eth0\n  web2', 'eth0\n    paths: [10.0.0.1, 10.0.0.9]\n  web2')
  const found = findings(text, eth0, host('eth1', '192.0.2.5/24', '10.0.0.1/8'))
  assert.deepEqual(found, ['nodes.web1.paths[1]: no interface of this box has 10.0.0.9: nothing is heard by this path'])
})

const near = host('eth1', '192.0.2.200/24')

test('an instance on another interface than the node: adverts need an address of that interface', () => {
  const text = VALID.replace('    version: 3\n    interface: eth0', '    version: 3\n    interface: eth1')
  assert.notEqual(text, VALID)
  const message =
    'instances.www.interface: 192.0.2.11 is on eth0, not on eth1: boxes with rp_filter=1 drop adverts from it'
  assert.deepEqual(findings(text, eth0, near), [message])
  const named = text.replace('address: 192.0.2.11', 'address: 192.0.2.11\n    paths: [192.0.2.200]')
  assert.deepEqual(findings(named, eth0, near), [])
})

test('a virtual address that the box has already, and what sets it', () => {
  const own = { address: '192.0.2.100' as Ipv4, length: 24 }
  const with100 = (more: object): HostInterface => ({
    name: 'eth0',
    addresses: [...eth0.addresses, { ...own, ...more }],
  })
  const [found, ...others] = findings(VALID, with100({}), near)
  assert.match(found ?? '', /virtual_addresses\[0\]: 192\.0\.2\.100\/24 is on eth0 already, and was not set by haup/)
  assert.deepEqual(others, [])
  assert.deepEqual(findings(VALID, with100({ ours: true }), near), [])
  const config = configOf(VALID)
  const [node] = config.nodes
  assert.ok(node)
  const origin = '/etc/network/interfaces, line 12'
  const remedies = checkAgainstHost(config, node, [with100({ origin }), near]).map(({ remedy }) => remedy)
  assert.deepEqual(remedies, [`remove it from ${origin}`])
})
