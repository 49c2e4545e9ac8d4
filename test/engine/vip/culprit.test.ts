import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeCulprit } from '../../../src/engine/vip/culprit.ts'
import { interpretManagers, type ManagerEvidence } from '../../../src/engine/vip/managers.ts'

const nothing: ManagerEvidence = { networkd: undefined, networkManager: undefined, ifstate: undefined, commands: [] }

const managers = (evidence: Partial<ManagerEvidence> = {}) => interpretManagers('eth0', { ...nothing, ...evidence })

test('systemd-networkd manages what its state file says, while it runs', () => {
  const commands = [['/usr/lib/systemd/systemd-networkd', '']]
  assert.equal(managers({ networkd: 'ADMIN_STATE=configured\n', commands }).networkd, true)
  assert.equal(managers({ networkd: 'ADMIN_STATE=unmanaged\n', commands }).networkd, false)
  assert.equal(managers({ networkd: 'ADMIN_STATE=configured\n' }).networkd, false)
  assert.equal(managers({ commands }).networkd, false)
})

test('NetworkManager, ifupdown and DHCP clients are found by their state and arguments', () => {
  const commands = [['/usr/sbin/NetworkManager', '--no-daemon', '']]
  assert.equal(managers({ networkManager: '[device]\nmanaged=true\n', commands }).networkManager, true)
  assert.equal(managers({ networkManager: '[device]\nmanaged=false\n', commands }).networkManager, false)
  assert.equal(managers({ ifstate: 'eth0\n' }).ifupdown, true)
  assert.equal(managers({ commands: [['/sbin/dhclient', '-4', 'eth0', '']] }).dhcpClient, 'dhclient')
  assert.equal(managers({ commands: [['/sbin/dhclient', '-4', 'eth1', '']] }).dhcpClient, undefined)
})

test('the program that the kernel names is a fact, with the advice for it', () => {
  const culprit = describeCulprit('eth0', { pid: 412, program: 'systemd-network' }, managers())
  assert.equal(culprit?.who, 'the program "systemd-network" (pid 412)')
  assert.match(culprit?.advice ?? '', /KeepConfiguration=yes .* eth0/)
  assert.deepEqual(describeCulprit('eth0', { pid: 7, program: 'ip' }, managers()), {
    who: 'the program "ip" (pid 7)',
    advice: undefined,
  })
})

test('a program that has ended may have been the manager of the interface', () => {
  const networkManager = managers({
    networkManager: 'managed=true',
    commands: [['/usr/sbin/NetworkManager']],
  })
  const culprit = describeCulprit('eth0', { pid: 99_999, program: undefined }, networkManager)
  assert.equal(culprit?.who, 'probably NetworkManager, which manages eth0')
  assert.match(culprit?.advice ?? '', /unmanaged-devices=interface-name:eth0/)
  const dhcp = describeCulprit('eth0', undefined, managers({ commands: [['dhclient', 'eth0']] }))
  assert.equal(dhcp?.who, 'probably dhclient, which manages eth0')
  assert.match(describeCulprit('eth0', { pid: 5, program: undefined }, managers())?.who ?? '', /ended since \(pid 5\)/)
  assert.equal(describeCulprit('eth0', undefined, managers()), undefined)
})

test('what a program calls itself is made printable', () => {
  assert.equal(
    describeCulprit('eth0', { pid: 7, program: '\u001b[31mip' }, managers())?.who,
    'the program "[31mip" (pid 7)',
  )
})
