import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import {
  hasPeerRule,
  hasVrrpRule,
  interpretNftRuleset,
  zoneAcceptsPeer,
  zoneAcceptsVrrp,
} from '../../../src/cli/detect/interpret-firewall.ts'
import { createNamespace } from '../../support/netns.ts'

/** What nft itself prints for a ruleset that the kernel has taken. */
function judge(rules: string) {
  using box = createNamespace()
  execFileSync('ip', ['netns', 'exec', box.name, 'nft', '-f', '-'], { input: rules })
  return interpretNftRuleset(
    execFileSync('ip', ['netns', 'exec', box.name, 'nft', '-j', 'list', 'ruleset'], { encoding: 'utf8' }),
  )
}

const input = (policy: string, ...rules: readonly string[]): string => `table inet filter {
  chain extra { ip saddr 192.0.2.12 accept; }
  chain input { type filter hook input priority 0; policy ${policy}; ${rules.join('; ')}; }
}`

const USUAL = ['ct state established,related accept', 'iifname "lo" accept', 'tcp dport { 22, 80 } accept']

test('a closed chain that lets only the usual in drops VRRP, and is named', () => {
  assert.deepEqual(judge(input('drop', ...USUAL)), {
    kind: 'nftables',
    dropsVrrp: true,
    dropsPeer: true,
    chain: ['inet', 'filter', 'input'],
  })
  assert.equal(judge(input('accept', ...USUAL, 'counter drop'))?.dropsVrrp, true)
  assert.equal(judge(input('accept', ...USUAL, 'reject'))?.dropsVrrp, true)
  assert.equal(judge(input('drop', 'ip protocol icmp accept', 'udp dport 694 accept'))?.dropsVrrp, true)
})

test('rules that let VRRP in, in the forms that people write', () => {
  const lets = ['ip protocol vrrp accept', 'ip protocol { ah, vrrp } accept', 'meta l4proto 112 accept']
  const broad = ['ip saddr 192.0.2.0/24 accept', 'iifname "e0" accept', 'ip daddr 224.0.0.0/4 accept', 'jump extra']
  for (const rule of [...lets, ...broad]) assert.equal(judge(input('drop', ...USUAL, rule))?.dropsVrrp, false, rule)
})

test('rules that let the peer channel in', () => {
  const lets = [
    'udp dport 7112 accept',
    'udp dport { 53, 7112 } accept',
    'ip saddr 192.0.2.12 udp dport 7000-8000 accept',
  ]
  const broad = ['ip saddr 192.0.2.0/24 accept', 'iifname "e0" accept', 'meta l4proto { tcp, udp } accept']
  for (const rule of [...lets, ...broad]) assert.equal(judge(input('drop', ...USUAL, rule))?.dropsPeer, false, rule)
  for (const rule of [
    'udp dport 53 accept',
    'udp sport 7112 accept',
    'tcp dport 7112 accept',
    'ip protocol vrrp accept',
  ]) {
    assert.equal(judge(input('drop', ...USUAL, rule))?.dropsPeer, true, rule)
  }
  const vrrpOnly = judge(input('drop', ...USUAL, 'ip protocol vrrp accept'))
  assert.deepEqual([vrrpOnly?.dropsVrrp, vrrpOnly?.chain], [false, ['inet', 'filter', 'input']])
  assert.equal(hasPeerRule('-A ufw-before-input -p udp -s 192.0.2.12 --dport 7112 -j ACCEPT\n', ''), true)
  assert.equal(hasPeerRule('', 'Status: active\n7112/udp                   ALLOW       192.0.2.12\n'), true)
  assert.equal(hasPeerRule('-A ufw-before-input -p udp --dport 71120 -j ACCEPT\n', '7112/tcp ALLOW'), false)
  assert.equal(zoneAcceptsPeer('  ports: 80/tcp 7112/udp\n'), true)
  assert.equal(
    zoneAcceptsPeer('\trule family="ipv4" source address="192.0.2.12" port port="7112" protocol="udp" accept\n'),
    true,
  )
  assert.equal(zoneAcceptsPeer('  target: default\n  ports: 7112/tcp\n'), false)
})

test('an open chain; no chain at all; no answer', () => {
  assert.equal(judge(input('accept', ...USUAL))?.dropsVrrp, false)
  assert.equal(
    judge('table inet filter { chain forward { type filter hook forward priority 0; policy drop; }\n}'),
    undefined,
  )
  assert.equal(interpretNftRuleset(''), undefined)
  assert.equal(interpretNftRuleset('{"nftables": [{"rule": 1}]}'), undefined)
})

test('ufw and firewalld', () => {
  assert.equal(hasVrrpRule('-A ufw-before-input -p vrrp -d 224.0.0.18 -j ACCEPT\n'), true)
  assert.equal(hasVrrpRule('-A ufw-before-input -p udp -d 224.0.0.251 --dport 5353 -j ACCEPT\n'), false)
  assert.equal(zoneAcceptsVrrp('public (active)\n  target: default\n  protocols: vrrp\n'), true)
  assert.equal(
    zoneAcceptsVrrp('  rich rules:\n\trule family="ipv4" source address="192.0.2.12" protocol value="vrrp" accept\n'),
    true,
  )
  assert.equal(zoneAcceptsVrrp('public (active)\n  target: default\n  services: ssh http\n  protocols: \n'), false)
})
