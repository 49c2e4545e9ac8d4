import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostFacts, Listening, WebServer } from '../../../src/cli/detect/facts.ts'
import { ANSWER_KEYS, type AnswerKey, type Answers } from '../../../src/cli/services/init-answers.ts'
import { propose } from '../../../src/cli/services/init-propose.ts'
import { BARE, FACTS, ip, NGINX } from './init-box.ts'

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
  const used = drawn({ ...FACTS, keepalived: { version: 2, vrids: [1, 60], isRunning: true } })
  for (const vrid of ['255', '1', '59', '60']) assert.ok(!used.has(vrid), vrid)
})

test('beside keepalived its version', () => {
  assert.equal(proposal('vrrp-version'), '3')
  assert.equal(proposal('vrrp-version', { ...FACTS, keepalived: { version: 2, vrids: [], isRunning: false } }), '2')
})

test('VRIDs that were heard on the LAN are avoided; that of the file which is there stays', () => {
  const router = { from: ip('192.0.2.5'), vrid: 1, version: 3, priority: 100, addresses: [] }
  assert.equal(proposal('vrid', { ...FACTS, heard: [router, { ...router, vrid: 2 }] }), '3')
  assert.equal(
    propose('vrid', FACTS, {}, () => 0, { given: {}, vrid: 200 }),
    '200',
  )
})

const silent = { front: undefined, health: undefined }
const withServer = (webServer: WebServer, more: Partial<HostFacts> = {}): HostFacts => ({
  ...FACTS,
  answers: silent,
  webServer,
  ...more,
})

test('the URL from what the server listens on', () => {
  const url = (...listening: Listening[]) => proposal('probe-url', withServer({ ...NGINX, listening }))
  assert.equal(url(), 'http://127.0.0.1/')
  assert.equal(url({ address: '0.0.0.0', port: 443 }, { address: '0.0.0.0', port: 80 }), 'http://127.0.0.1/')
  assert.equal(url({ address: '0.0.0.0', port: 3000 }, { address: '0.0.0.0', port: 8080 }), 'http://127.0.0.1:8080/')
  assert.equal(url({ address: '127.0.0.1', port: 81 }), 'http://127.0.0.1:81/')
  assert.equal(url({ address: '127.0.0.2', port: 81 }), 'http://127.0.0.2:81/')
  assert.equal(url({ address: '192.0.2.100', port: 80 }, { address: '0.0.0.0', port: 9000 }), 'http://127.0.0.1:9000/')
  assert.equal(url({ address: '0.0.0.0', port: 443 }), 'https://127.0.0.1/')
  assert.equal(url({ address: '0.0.0.0', port: 8443 }), 'https://127.0.0.1:8443/')
})

test('the URL that answered, with the name under which it did', () => {
  const front = { url: 'http://127.0.0.1:81/', host: 'www.example.com' }
  const health = { url: 'http://127.0.0.1:81/healthz', host: undefined }
  const facts = { ...FACTS, answers: { front, health } }
  assert.equal(proposal('probe-url', facts), front.url)
  assert.equal(proposal('probe-host', facts, { 'probe-url': front.url }), 'www.example.com')
  assert.equal(proposal('probe-url', facts, { 'health-location': 'existing' }), health.url)
  assert.equal(proposal('probe-host', facts, { 'probe-url': health.url }), '')
})

test('a health location is written only when nothing by loopback answers, and only for the system', () => {
  const onVip = { ...NGINX, listening: [{ address: '192.0.2.100', port: 80 }] }
  const system = { ...FACTS.system, writesSystem: true }
  assert.equal(proposal('health-location'), 'none')
  assert.equal(proposal('health-location', { ...FACTS, system }), 'none')
  assert.equal(proposal('health-location', withServer(onVip)), 'none')
  assert.equal(proposal('health-location', withServer(onVip, { system })), 'write')
  assert.equal(proposal('health-location', withServer(NGINX, { system })), 'write')
  assert.equal(proposal('health-location', withServer({ ...NGINX, includeDirectory: undefined }, { system })), 'none')
  const given = { given: { 'probe-url': 'http://127.0.0.1/' }, vrid: undefined }
  assert.equal(
    propose('health-location', withServer(onVip, { system }), {}, () => 0, given),
    'none',
  )
})

test('the standby may bind the address when a site names it', () => {
  const listens = [{ address: '192.0.2.100', port: 80, isTls: false }]
  const named = { ...NGINX, sites: [{ listens, names: [], paths: [] }] }
  const system = { ...FACTS.system, writesSystem: true }
  const bind = (more: Partial<HostFacts>, vip = '192.0.2.100/24') =>
    proposal('nonlocal-bind', withServer(named, { system, ...more }), { vip })
  assert.equal(bind({}), 'yes')
  assert.equal(bind({}, '192.0.2.101/24'), 'no')
  assert.equal(bind({ system: { ...system, nonlocalBind: true } }), 'no')
  assert.equal(bind({ system: FACTS.system }), 'no')
})

test('a unit unless a package has one, or there is no systemd', () => {
  const unit = (more: Partial<HostFacts['system']>) =>
    proposal('systemd-unit', { ...FACTS, system: { ...FACTS.system, writesSystem: true, hasSystemd: true, ...more } })
  assert.equal(unit({}), 'write')
  assert.equal(unit({ hasPackagedUnit: true }), 'none')
  assert.equal(unit({ hasSystemd: false }), 'none')
  assert.equal(unit({ writesSystem: false }), 'none')
})

test('an address that haup holds is not the box’s own', () => {
  const [own] = FACTS.addresses
  assert.ok(own)
  const held = { ...own, address: ip('192.0.2.100'), isOurs: true }
  assert.equal(proposal('address', { ...FACTS, addresses: [held, own] }), '192.0.2.11')
})

test('restart by unit, else by command with its pid file, else none', () => {
  assert.equal(proposal('restart'), 'nginx.service')
  const noUnit = { ...FACTS, webServer: { ...NGINX, unit: undefined } }
  assert.equal(proposal('restart', noUnit), '/usr/sbin/nginx')
  assert.equal(proposal('pid-file', noUnit, { restart: '/usr/sbin/nginx' }), '/run/nginx.pid')
  assert.equal(proposal('pid-file', noUnit, { restart: '/opt/other' }), '')
  const apache: WebServer = { ...NGINX, kind: 'apache', control: '/usr/sbin/apache2ctl', unit: undefined }
  const second = { ...NGINX, unit: undefined, options: ['-c', '/etc/nginx/b.conf'] }
  assert.equal(proposal('restart', { ...FACTS, webServer: second }), '/usr/sbin/nginx -c /etc/nginx/b.conf')
  assert.equal(proposal('config-test', { ...FACTS, webServer: second }), '/usr/sbin/nginx -c /etc/nginx/b.conf -t')
  assert.equal(proposal('restart', { ...FACTS, webServer: apache }), '/usr/sbin/apache2ctl -k start')
  assert.equal(proposal('config-test', { ...FACTS, webServer: apache }), '/usr/sbin/apache2ctl -t')
  assert.equal(proposal('restart', BARE), 'none')
  assert.equal(proposal('config-test', BARE), 'none')
})
