import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HeardRouter, HostFacts } from '../../../src/cli/detect/facts.ts'
import { describeRemark } from '../../../src/cli/services/init-found.ts'
import {
  askable,
  remarksOnAddresses,
  remarksOnBox,
  remarksOnChannel,
  remarksOnInterface,
  remarksOnVrid,
} from '../../../src/cli/services/init-remarks.ts'
import { FACTS, GIVEN, ip } from './init-box.ts'

const ANSWERS = { ...GIVEN, address: '192.0.2.11', interface: '' }
const ROUTER: HeardRouter = {
  from: ip('192.0.2.5'),
  vrid: 77,
  version: 2,
  priority: 90,
  addresses: [ip('192.0.2.100')],
}
const NEIGHBOUR = { address: ip('192.0.2.100'), hardwareAddress: '52:54:00:12:34:56', state: 'answered' } as const

const codes = (remarks: readonly { readonly code: string }[]): string[] => remarks.map(({ code }) => code)

test('the box: platform, keepalived, firewall, each with what to do', () => {
  assert.deepEqual(remarksOnBox(FACTS), [])
  const remarks = remarksOnBox({
    ...FACTS,
    platform: { name: 'Amazon EC2', breaks: 'it drops multicast', remedy: 'use an Elastic IP' },
    keepalived: { version: 2, vrids: [51], isRunning: true },
    firewall: { kind: 'nftables', dropsVrrp: true, dropsPeer: true, chain: ['inet', 'filter', 'input'] },
  })
  assert.deepEqual(codes(remarks), ['platform', 'keepalived', 'firewall'])
  assert.ok(remarks.every(({ remedy }) => remedy !== undefined))
  assert.match(remarks[1]?.message ?? '', /keepalived runs here \(VRRPv2, VRID 51\)/)
  const open = { kind: 'ufw', dropsVrrp: false, dropsPeer: true, chain: [] } as const
  assert.deepEqual(remarksOnBox({ ...FACTS, firewall: open }), [])
  assert.deepEqual(codes(remarksOnChannel({ ...FACTS, firewall: open }, {})), ['firewall'])
  assert.deepEqual(remarksOnChannel({ ...FACTS, firewall: open }, { 'no-peer': 'yes' }), [])
})

test('the interface: not here, without multicast', () => {
  assert.deepEqual(remarksOnInterface(FACTS, ANSWERS), [])
  assert.deepEqual(codes(remarksOnInterface({ ...FACTS, withoutMulticast: ['eth0'] }, ANSWERS)), ['multicast'])
  assert.deepEqual(remarksOnInterface({ ...FACTS, withoutMulticast: ['tun0'] }, ANSWERS), [])
  assert.deepEqual(codes(remarksOnInterface(FACTS, { ...ANSWERS, address: '192.0.2.99' })), ['address'])
})

const onAddresses = (facts: Partial<HostFacts>, vip: string, neighbours = [NEIGHBOUR], vrid?: number) =>
  remarksOnAddresses({ ...FACTS, ...facts }, { ...ANSWERS, vip }, neighbours, vrid)

test('an address outside the subnets of the interface', () => {
  const [remark] = onAddresses({}, '198.51.100.7/24', [])
  assert.equal(remark?.code, 'vip-subnet')
  assert.match(remark?.message ?? '', /outside the subnets of eth0 \(192.0.2.11\/24\)/)
  assert.deepEqual(onAddresses({}, '192.0.2.7/32', []), [])
})

test('an address that is bound here: by somebody else, by haup', () => {
  const bound = { interface: 'eth0', address: ip('192.0.2.100'), length: 24 }
  const addresses = [...FACTS.addresses, bound]
  assert.deepEqual(codes(onAddresses({ addresses }, '192.0.2.100/24', [])), ['vip-bound'])
  assert.deepEqual(
    onAddresses({ addresses: [...FACTS.addresses, { ...bound, isOurs: true }] }, '192.0.2.100/24', []),
    [],
  )
  assert.deepEqual(askable({ ...FACTS, addresses }, ANSWERS), [])
})

test('an address that answers on the LAN: by whom, and when it is the peer of this very pair', () => {
  assert.deepEqual(onAddresses({}, '192.0.2.101/24'), [])
  const [stranger] = onAddresses({}, '192.0.2.100/24')
  assert.match(stranger?.message ?? '', /^192.0.2.100 answers on the LAN already: 52:54:00:12:34:56$/)
  const [router] = onAddresses({ heard: [ROUTER] }, '192.0.2.100/24')
  assert.match(router?.message ?? '', /held by 192.0.2.5 \(VRID 77, VRRPv2, priority 90, 192.0.2.100\)/)
  const peer = { ...ROUTER, from: ip('192.0.2.12') }
  assert.deepEqual(onAddresses({ heard: [peer] }, '192.0.2.100/24', [NEIGHBOUR], 77), [])
  assert.deepEqual(codes(onAddresses({ heard: [peer] }, '192.0.2.100/24', [NEIGHBOUR], 78)), ['vip-answers'])
})

test('the LAN is asked only for what is near and not here', () => {
  const vip = '192.0.2.100/24,198.51.100.7,192.0.2.11'
  assert.deepEqual(
    askable(FACTS, { ...ANSWERS, vip }).map(({ address }) => address),
    ['192.0.2.100'],
  )
})

test('a VRID in use: who, and the second one of an active/active pair', () => {
  const used = (more: object, heard = [ROUTER]) => codes(remarksOnVrid({ ...FACTS, heard }, { ...ANSWERS, ...more }))
  assert.deepEqual(used({}), ['vrid-used'])
  assert.deepEqual(used({ vrid: '78' }), [])
  assert.deepEqual(used({ vrid: '76', 'active-active': 'yes' }), ['vrid-used'])
  const peer = { ...ROUTER, from: ip('192.0.2.12') }
  assert.deepEqual(used({}, [peer]), [])
  assert.deepEqual(used({ vip: '192.0.2.200' }, [peer]), ['vrid-used'])
})

test('the VRID of all examples is remarked on, once', () => {
  const used = (more: object, heard = [ROUTER]) => codes(remarksOnVrid({ ...FACTS, heard }, { ...ANSWERS, ...more }))
  assert.deepEqual(used({ vrid: '51' }), ['vrid-popular'])
  assert.deepEqual(used({ vrid: '50', 'active-active': 'yes' }), ['vrid-popular'])
  assert.deepEqual(used({ vrid: '51' }, [{ ...ROUTER, vrid: 51 }]), ['vrid-used'])
})

test('for a terminal: at most 80 columns, no control characters', () => {
  const lines = describeRemark({ code: 'x', message: 'a\u001b[2J '.repeat(40), remedy: 'do this '.repeat(20) })
  assert.ok(lines.every((line) => line.length <= 80))
  assert.ok(lines.every((line) => !line.includes('\u001b')))
  assert.ok(lines.some((line) => line.startsWith('  → do this')))
})
