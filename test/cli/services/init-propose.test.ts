import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostFacts, Listening, WebServer } from '../../../src/cli/detect/facts.ts'
import { ANSWER_KEYS, type AnswerKey, type Answers } from '../../../src/cli/services/init-answers.ts'
import { propose } from '../../../src/cli/services/init-propose.ts'
import { parseIpv4 } from '../../../src/shared/ip.ts'

const ip = (text: string) => {
  const parsed = parseIpv4(text)
  assert.ok(parsed.ok)
  return parsed.value
}

const NGINX: WebServer = {
  kind: 'nginx',
  control: '/usr/sbin/nginx',
  pidFile: '/run/nginx.pid',
  unit: 'nginx.service',
  isRunning: true,
  listening: [{ address: '0.0.0.0', port: 80 }],
}
const FACTS: HostFacts = {
  hostname: 'web1',
  addresses: [{ interface: 'eth0', address: ip('192.0.2.11'), length: 24 }],
  webServer: NGINX,
  keepalived: undefined,
}
const BARE: HostFacts = { hostname: 'box', addresses: [], webServer: undefined, keepalived: undefined }

const proposal = (key: AnswerKey, facts: HostFacts = FACTS, before: Answers = {}, random = (_: number) => 0) =>
  propose(key, facts, before, random)

test('everything but the peer’s address and the virtual ones', () => {
  const unknown = ANSWER_KEYS.filter((key) => proposal(key, FACTS, { node: 'web1' }) === undefined)
  assert.deepEqual(unknown, ['peer-address', 'vip'])
  assert.deepEqual(
    ANSWER_KEYS.filter((key) => proposal(key, BARE, { node: 'box' }) === undefined),
    ['address', 'peer-address', 'vip'],
  )
})

test('the other box by the name of this one', () => {
  const peers = { web1: 'web2', web2: 'web1', 'lb-a': 'lb-b', 'lb-B': 'lb-A', web: 'web-2', data: 'data-2', n7: 'n7-2' }
  for (const [node, peer] of Object.entries(peers)) assert.equal(proposal('peer', FACTS, { node }), peer)
})

test('the same box is preferred, wherever it is asked', () => {
  const here = { node: 'a', address: '10.0.0.9', peer: 'b', 'peer-address': '10.0.0.10' }
  const there = { node: 'b', address: '10.0.0.10', peer: 'a', 'peer-address': '10.0.0.9' }
  assert.equal(proposal('prefer', FACTS, here), 'a')
  assert.equal(proposal('prefer', FACTS, there), 'a')
})

test('VRIDs: any but 51, those of keepalived, and those whose next is taken', () => {
  const drawn = (facts: HostFacts) => {
    const seen: string[] = []
    for (let index = 0; index < 255; index++) {
      const vrid = proposal('vrid', facts, {}, (below) => Math.min(index, below - 1))
      if (vrid !== undefined) seen.push(vrid)
    }
    return new Set(seen)
  }
  const all = drawn(FACTS)
  assert.equal(all.size, 253)
  assert.ok(!all.has('51') && !all.has('50') && all.has('1') && all.has('255'))
  const used = drawn({ ...FACTS, keepalived: { version: 2, vrids: [1, 60] } })
  for (const vrid of ['255', '1', '59', '60']) assert.ok(!used.has(vrid), vrid)
})

test('beside keepalived its version', () => {
  assert.equal(proposal('vrrp-version'), '3')
  assert.equal(proposal('vrrp-version', { ...FACTS, keepalived: { version: 2, vrids: [] } }), '2')
})

test('the URL from what the server listens on', () => {
  const url = (...listening: Listening[]) => proposal('probe-url', { ...FACTS, webServer: { ...NGINX, listening } })
  assert.equal(url(), 'http://127.0.0.1/')
  assert.equal(url({ address: '0.0.0.0', port: 443 }, { address: '0.0.0.0', port: 80 }), 'http://127.0.0.1/')
  assert.equal(url({ address: '0.0.0.0', port: 3000 }, { address: '0.0.0.0', port: 8080 }), 'http://127.0.0.1:8080/')
  assert.equal(url({ address: '127.0.0.1', port: 81 }), 'http://127.0.0.1:81/')
  assert.equal(url({ address: '192.0.2.100', port: 80 }, { address: '0.0.0.0', port: 9000 }), 'http://127.0.0.1:9000/')
  assert.equal(url({ address: '192.0.2.100', port: 8000 }), 'http://127.0.0.1:8000/')
  assert.equal(url({ address: '0.0.0.0', port: 443 }), 'https://127.0.0.1/')
  assert.equal(url({ address: '0.0.0.0', port: 8443 }), 'https://127.0.0.1:8443/')
})

test('restart by unit, else by command with its pid file, else none', () => {
  assert.equal(proposal('restart'), 'nginx.service')
  const noUnit = { ...FACTS, webServer: { ...NGINX, unit: undefined } }
  assert.equal(proposal('restart', noUnit), '/usr/sbin/nginx')
  assert.equal(proposal('pid-file', noUnit, { restart: '/usr/sbin/nginx' }), '/run/nginx.pid')
  assert.equal(proposal('pid-file', noUnit, { restart: '/opt/other' }), '')
  const apache: WebServer = { ...NGINX, kind: 'apache', control: '/usr/sbin/apache2ctl', unit: undefined }
  assert.equal(proposal('restart', { ...FACTS, webServer: apache }), '/usr/sbin/apache2ctl -k start')
  assert.equal(proposal('config-test', { ...FACTS, webServer: apache }), '/usr/sbin/apache2ctl -t')
  assert.equal(proposal('restart', BARE), 'none')
  assert.equal(proposal('config-test', BARE), 'none')
})
