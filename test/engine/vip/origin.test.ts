import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { findLine, findOrigin } from '../../../src/engine/vip/origin.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'

const VIP = '192.0.2.100' as Ipv4

function rootWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'haup-origin-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

test('the line is the first that has the whole address and is no comment', () => {
  assert.equal(findLine('# 192.0.2.100\niface eth0\n  address 192.0.2.100/24\n', VIP), 3)
  assert.equal(findLine('address 192.0.2.1001\naddress 1192.0.2.100\naddress 2.192.0.2.100\n', VIP), undefined)
  assert.equal(findLine('addresses: [192.0.2.11/24, 192.0.2.100/32]', VIP), 1)
  assert.equal(findLine('IPADDR=192.0.2.100.\n', VIP), 1)
  assert.equal(findLine('', VIP), undefined)
})

for (const [name, text, line] of [
  ['etc/network/interfaces', 'auto eth0\niface eth0 inet static\n  address 192.0.2.100/24\n', 3],
  ['etc/network/interfaces.d/web', 'iface eth0:0 inet static\n  address 192.0.2.100\n', 2],
  ['etc/netplan/50-cloud.yaml', 'network:\n  ethernets:\n    eth0: {addresses: [192.0.2.100/24]}\n', 3],
  ['etc/systemd/network/eth0.network', '[Network]\nAddress=192.0.2.100/24\n', 2],
  ['etc/NetworkManager/system-connections/eth0.nmconnection', '[ipv4]\naddress1=192.0.2.100/24\n', 2],
] as const) {
  test(`an address that ${name} sets is found there`, async () => {
    const root = rootWith({ [name]: text, 'etc/netplan/notes.txt': '192.0.2.100' })
    assert.equal(await findOrigin(VIP, 'none0', root), `/${name}, line ${line}`)
  })
}

test('an address that no file has comes from nowhere that is known', async () => {
  assert.equal(await findOrigin(VIP, 'none0', rootWith({ 'etc/hosts': '192.0.2.100 web' })), null)
})
