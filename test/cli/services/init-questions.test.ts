import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostFacts } from '../../../src/cli/detect/facts.ts'
import { ANSWER_KEYS, type AnswerKey, type Answers } from '../../../src/cli/services/init-answers.ts'
import { flagOf, QUESTIONS } from '../../../src/cli/services/init-questions.ts'
import { validator } from '../../../src/cli/services/init-wizard.ts'
import { BARE, FACTS, NGINX } from './init-box.ts'

const BEFORE: Answers = { node: 'web1', address: '192.0.2.11', peer: 'web2', 'peer-address': '192.0.2.12' }
const SEEN: HostFacts = {
  ...FACTS,
  answers: { front: undefined, health: { url: 'http://127.0.0.1/healthz', host: undefined } },
}

function judge(key: AnswerKey, text: string, before: Answers = BEFORE, facts = SEEN) {
  const question = QUESTIONS.find((candidate) => candidate.key === key)
  assert.ok(question, key)
  return question.check(text, before, facts)
}

test('every answer has one question', () => {
  assert.deepEqual(QUESTIONS.map(({ key }) => key).toSorted(), ANSWER_KEYS.toSorted())
  assert.equal(new Set(QUESTIONS.map(({ key }) => flagOf(key))).size, ANSWER_KEYS.length)
})

const GOOD: Readonly<Record<AnswerKey, readonly string[]>> = {
  cluster: ['shop', 'a-b.c_1'],
  node: ['web1'],
  address: ['192.0.2.11'],
  interface: ['', 'eth0', 'bond0.12'],
  peer: ['web2'],
  'peer-address': ['192.0.2.12'],
  vip: [
    '192.0.2.100/24 dev eth1 label eth1:1,192.0.2.101 label bond0.1:x',
    '192.0.2.100/24',
    '192.0.2.100,192.0.2.101/32',
    '192.0.2.100 192.0.2.101',
  ],
  'active-active': ['no'],
  instance: ['www'],
  prefer: ['web1', 'web2'],
  priority: ['250,240', '150/130', '150, 2'],
  vrid: ['1', '255'],
  'vrrp-version': ['2', '3'],
  'advert-interval': ['10ms', '1s', '40.95s'],
  preempt: ['yes', 'no'],
  password: ['', 'secret', '12345678'],
  service: ['nginx'],
  'probe-url': ['http://127.0.0.1/', 'https://localhost:8443/x'],
  'probe-status': ['200', '200-399', '200,301-302'],
  restart: ['none', 'nginx.service', '/usr/sbin/nginx -c /etc/n.conf'],
  'pid-file': ['', '/run/nginx.pid'],
  'config-test': ['none', 'nginx -t', '/usr/sbin/nginx -t'],
  'restart-budget': ['2 within 60s'],
  'notify-master': ['', '/usr/bin/tell --all', 'logger up'],
  'notify-backup': [''],
  'notify-fault': [''],
  'notify-stop': [''],
  notify: ['', '/usr/bin/tell'],
  'health-location': ['none', 'existing', 'write'],
  'health-port': ['1', '8098', '65535'],
  'probe-host': ['', 'www.example.com', 'shop:8080'],
  pool: ['', '192.168.2.2:80', '192.168.2.2, app.lan:8080 weight=2 max_fails=0 fail_timeout=1m'],
  'pool-name': ['shop'],
  'systemd-unit': ['write', 'none'],
  'nonlocal-bind': ['yes', 'no'],
  firewall: ['print', 'apply', 'none'],
  'no-peer': ['yes', 'no'],
  'second-line': ['', '10.0.0.1,10.0.0.2', '10.0.0.1 10.0.0.2'],
  witness: ['', 'ping:192.0.2.1', 'arp:192.0.2.1', 'tcp:192.0.2.53:53', 'http://192.0.2.60/'],
}

const BAD: Readonly<Record<AnswerKey, readonly string[]>> = {
  cluster: ['', 'a b'],
  node: ['', '-x'],
  address: ['', '192.0.2', 'fe80::1', '127.0.0.1'],
  interface: ['eth 0', 'a-name-that-is-too-long'],
  peer: ['', 'web1'],
  'peer-address': ['', '192.0.2.11'],
  vip: [
    '',
    '192.0.2.11',
    '192.0.2.12/24',
    '192.0.2.100/33',
    '192.0.2.100,192.0.2.100/24',
    '192.0.2.255/24',
    '192.0.2.100 label',
    '192.0.2.100 label eth0',
    '192.0.2.100 dev eth1 label eth0:1',
    '192.0.2.100 dev a/b',
  ],
  'active-active': ['yes', 'maybe'],
  instance: [''],
  prefer: ['', 'web3'],
  priority: ['', '150', '130,150', '150,150', '255,100', '100,1', '1,2,3', 'a,b'],
  vrid: ['0', '256', '-1', '1.5', 'x', ''],
  'vrrp-version': ['1', '4', ''],
  'advert-interval': ['1', '15ms', '41s', '5ms'],
  preempt: ['true', ''],
  password: ['123456789', 'pässwörd', 'a\u0007b'],
  service: ['a/b'],
  'probe-url': ['', '127.0.0.1', 'http://[::1]/', 'ftp://x/', 'http://u:p@x/'],
  'probe-status': ['', '99', '600', '399-200', 'ok'],
  restart: ['', 'nginx', 'nginx -s start', 'nginx.timer'],
  'pid-file': ['nginx.pid'],
  'config-test': ['', './test', 'bin/test'],
  'restart-budget': ['2', '2 per 60s', '2 within 60'],
  'notify-master': ['bin/tell', '\u0007'],
  'notify-backup': ['./tell'],
  'notify-fault': ['./tell'],
  'notify-stop': ['./tell'],
  notify: ['./tell'],
  'health-location': ['', 'yes', '/healthz'],
  'health-port': ['', '0', '65536', '80a'],
  'probe-host': ['a b', 'x:99999', 'a:1:2', 'http://x/'],
  pool: [
    ...[',', '192.168.2.2:0', '192.168.2.2:80:90', 'a b', 'a;b', '192.168.2.2 weight=0', '192.168.2.2 weight'],
    ...['192.168.2.2 fail_timeout=20', '192.168.2.2 max_fails=-1', '192.168.2.2 backup', 'a.lan, a.lan:80'],
  ],
  'pool-name': ['', 'a b', 'a{'],
  'systemd-unit': ['', 'yes'],
  'nonlocal-bind': ['', '1'],
  firewall: ['', 'yes'],
  'no-peer': ['', 'true'],
  'second-line': ['10.0.0.1', '10.0.0.1,10.0.0.1', '10.0.0.1,x', '192.0.2.11,10.0.0.2', '10.0.0.1,10.0.0.2,10.0.0.3'],
  witness: ['gateway', '192.0.2.1', 'ping:x', 'tcp:192.0.2.53', 'udp:192.0.2.53:53', 'http://'],
}

for (const key of ANSWER_KEYS) {
  test(key, () => {
    for (const text of GOOD[key]) assert.equal(judge(key, text), undefined, `"${text}" is good`)
    for (const text of BAD[key]) assert.ok(judge(key, text) !== undefined, `"${text}" is not good`)
  })
}

test('what this box does not have cannot be chosen, and the remedy is told', () => {
  const noIncludes = { ...SEEN, webServer: { ...NGINX, includeDirectory: undefined } }
  assert.match(judge('health-location', 'existing', BEFORE, FACTS)?.remedy ?? '', /choose write/)
  assert.match(judge('health-location', 'write', BEFORE, BARE)?.message ?? '', /no nginx or apache/)
  assert.match(judge('health-location', 'write', BEFORE, noIncludes)?.remedy ?? '', /include conf\.d/)
  assert.match(judge('pool', '192.168.2.2', BEFORE, noIncludes)?.remedy ?? '', /include conf\.d/)
  assert.match(judge('pool', '192.168.2.2', BEFORE, BARE)?.message ?? '', /needs nginx/)
})

test('VRRPv2 has whole seconds', () => {
  const v2 = { ...BEFORE, 'vrrp-version': '2' }
  assert.equal(judge('advert-interval', '255s', v2), undefined)
  assert.match(judge('advert-interval', '1500ms', v2)?.message ?? '', /whole seconds/)
  assert.ok(judge('advert-interval', '100ms', v2))
})

test('active/active needs two addresses', () => {
  assert.ok(judge('active-active', 'yes', { ...BEFORE, vip: '192.0.2.100' }))
  assert.equal(judge('active-active', 'yes', { ...BEFORE, vip: '192.0.2.100, 192.0.2.101' }), undefined)
})

test('a prompt says the same as a flag, in one line', () => {
  const vrid = QUESTIONS.find(({ key }) => key === 'vrid')
  assert.ok(vrid)
  const validate = (question: typeof vrid) => validator({ check: (text) => question.check(text, BEFORE, SEEN) })
  assert.equal(validate(vrid)('77'), true)
  assert.equal(validate(vrid)('300'), 'must be a whole number from 1 to 255, not 300')
  const budget = QUESTIONS.find(({ key }) => key === 'restart-budget')
  assert.ok(budget)
  assert.match(String(validate(budget)('2\u001b[31m')), /write it as: 2 within 60s/)
})
