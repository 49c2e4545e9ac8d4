import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  interpretInterfaces,
  interpretKeepalived,
  interpretProcNetRoute,
  interpretProcNetTcp,
} from '../../../src/cli/detect/interpret-network.ts'

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 24871 1 0000000000000000 100 0 0 10 0
   1: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 24872 1 0000000000000000 100 0 0 10 0
   2: 0B0200C0:0050 0C0200C0:C350 01 00000000:00000000 02:000A9D5C 00000000    33        0 25001 2 0000000000000000 20 4 30 10 -1
   3: 0B0200C0:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 24873 1 0000000000000000 100 0 0 10 0
`
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 24874 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:0052 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 24875 1 0000000000000000 100 0 0 10 0
   2: 00000000000000000000000001000000:0053 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 24876 1 0000000000000000 100 0 0 10 0
`

test('listening sockets, IPv4', () => {
  assert.deepEqual(interpretProcNetTcp(TCP), [
    { address: '127.0.0.1', port: 80, inode: 24871 },
    { address: '0.0.0.0', port: 443, inode: 24872 },
    { address: '192.0.2.11', port: 8080, inode: 24873 },
  ])
})

test('listening sockets, IPv6: those that take IPv4 too', () => {
  assert.deepEqual(interpretProcNetTcp(TCP6), [
    { address: '0.0.0.0', port: 81, inode: 24874 },
    { address: '127.0.0.1', port: 82, inode: 24875 },
  ])
})

test('tables cut short', () => {
  assert.deepEqual(interpretProcNetTcp(''), [])
  assert.deepEqual(interpretProcNetTcp('   0: 0100007F 00000000:0000 0A'), [])
  assert.equal(interpretProcNetRoute(''), undefined)
})

const ROUTE = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth1	00000000	010200C0	0003	0	0	200	00000000	0	0	0
eth0	00000000	010200C0	0003	0	0	100	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
`

test('the default route with the lowest metric', () => {
  assert.equal(interpretProcNetRoute(ROUTE), 'eth0')
  assert.equal(interpretProcNetRoute(ROUTE.split('\n').slice(0, 2).join('\n')), 'eth1')
})

const info = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4', internal = false) => {
  const common = { address, netmask: '', mac: '', internal, cidr: `${address}/24` }
  return family === 'IPv4' ? { ...common, family } : { ...common, family, scopeid: 0 }
}

test('addresses of real interfaces, the default route’s first', () => {
  const interfaces = {
    lo: [info('127.0.0.1', 'IPv4', true)],
    docker0: [info('172.17.0.1')],
    eth0: [info('fe80::1', 'IPv6'), info('192.0.2.11')],
  }
  assert.deepEqual(interpretInterfaces(interfaces, 'eth0'), [
    { interface: 'eth0', address: '192.0.2.11', length: 24 },
    { interface: 'docker0', address: '172.17.0.1', length: 24 },
  ])
})

const KEEPALIVED = `! Configuration File for keepalived
global_defs {
   vrrp_version 3   # newer
}
vrrp_instance VI_1 {
    virtual_router_id 51
    # virtual_router_id 52
    priority 100
}
vrrp_instance VI_2 {
    virtual_router_id 60 ! second
}
`

test('keepalived: its version and VRIDs', () => {
  assert.deepEqual(interpretKeepalived(KEEPALIVED), { version: 3, vrids: [51, 60] })
  assert.deepEqual(interpretKeepalived('vrrp_instance X {\n  virtual_router_id 7\n}\n'), { version: 2, vrids: [7] })
})
