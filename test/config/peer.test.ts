import assert from 'node:assert/strict'
import { test } from 'node:test'
import { effectiveYaml } from '../../src/config/effective.ts'
import { interpretConfig } from '../../src/config/interpret.ts'
import { configOf, problemsOf, VALID } from './fixture.ts'
import { PEER_CASES, WITH_PEER } from './peer-cases.ts'

const edited = (from: string | RegExp, to: string, text = WITH_PEER): string => {
  const next = text.replace(from, to)
  assert.notEqual(next, text, `${from} is not there`)
  return next
}

test('a full file is valid, without a warning', () => assert.deepEqual(problemsOf(WITH_PEER), []))

for (const [from, to, path, message, remedy] of PEER_CASES) {
  test(`${String(from).trim()} -> ${to}`, () => {
    const found = problemsOf(edited(from, to)).filter((problem) => problem.path === path)
    assert.ok(found.length > 0, JSON.stringify(problemsOf(edited(from, to)), undefined, 1))
    const told = found.find((problem) => message.test(problem.message))
    assert.ok(told, JSON.stringify(found, undefined, 1))
    assert.equal(told.severity, 'error')
    if (remedy !== undefined) assert.match(told.remedy ?? '', remedy)
  })
}

test('nothing written: no channel, no witness, no quorum, no fencing', () => {
  const { peer, witnesses, quorum, fencing, nodes } = configOf(VALID)
  assert.deepEqual(
    { peer, witnesses, quorum, fencing },
    { peer: undefined, witnesses: [], quorum: 'none', fencing: undefined },
  )
  assert.deepEqual(
    nodes.map(({ paths }) => paths),
    [[], []],
  )
})

test('an empty peer has defaults', () =>
  assert.deepEqual(configOf(`${VALID}peer: {}\n`).peer, { keyFile: 'cluster.key', keys: [], port: 7112 }))

test('trusted forms', () => {
  const { nodes, witnesses, fencing } = configOf(WITH_PEER)
  assert.deepEqual(nodes[0]?.paths, ['198.51.100.1'])
  const targets = witnesses.flatMap((witness) => (witness.kind === 'reachability' ? [witness.target] : []))
  assert.deepEqual(targets, [
    { kind: 'ping', address: '192.0.2.1' },
    { kind: 'arp', address: '192.0.2.2' },
    { kind: 'tcp', host: '192.0.2.53', port: 53 },
    { kind: 'http', url: 'http://192.0.2.60/' },
  ])
  assert.deepEqual(witnesses[4], {
    kind: 'arbiter',
    name: 'arbiter',
    store: { kind: 'etcd', endpoints: ['https://192.0.2.61:2379'], prefix: '/haup' },
    ttl: 10_000_000,
    timeout: 1_000_000,
    tls: { ca: '/etc/haup/ca.pem', own: { cert: '/etc/haup/own.pem', key: '/etc/haup/own-key.pem' } },
    login: { user: 'haup', password: undefined },
  })
  assert.deepEqual(fencing, { argv: ['/usr/local/sbin/fence', '{node}'], timeout: 10_000_000 })
  const plain = edited(/ {6}etcd[\s\S]*lease.pass\n/, '      http: "http://192.0.2.70/lease"\n')
  const [, , , , arbiter] = configOf(plain).witnesses
  assert.deepEqual(arbiter?.kind === 'arbiter' && [arbiter.store, arbiter.tls.ca, arbiter.login], [
    { kind: 'http', url: 'http://192.0.2.70/lease' },
    undefined,
    undefined,
  ])
})

test('what is shown with defaults means the same', () => {
  const draft = interpretConfig(WITH_PEER, 'haup.yaml')
  assert.ok(draft.ok)
  const shown = effectiveYaml(draft.value.document)
  assert.deepEqual(configOf(shown), configOf(WITH_PEER))
  assert.deepEqual(problemsOf(shown), [])
  assert.match(shown, /tcp: 192.0.2.53:53/)
})

/** Cross checks: what is replaced, then the one problem. */
const CROSS: readonly (readonly [
  what: string,
  edits: readonly (readonly [string | RegExp, string])[],
  severity: 'error' | 'warning',
  path: string,
  message: RegExp,
  remedy?: RegExp,
])[] = [
  [
    'one haup node',
    [
      ['eth0\n    paths: [198.51.100.2]', 'eth0\n    kind: keepalived'],
      ['paths: [198.51.100.1]', 'kind: haup'],
    ],
    'error',
    'peer',
    /two or more nodes with haup, and there is one/,
    /remove it/,
  ],
  [
    'fewer paths',
    [['    paths: [198.51.100.2]\n', '']],
    'error',
    'nodes.web2.paths',
    /web2 has no further path, web1 has 1 path/,
    /same order/,
  ],
  [
    'paths of keepalived',
    [['eth0\n    paths: [198.51.100.2]', 'eth0\n    kind: keepalived\n    paths: [198.51.100.2]']],
    'error',
    'nodes.web2.paths',
    /runs keepalived/,
  ],
  [
    'paths without channel',
    [
      [/peer:\n.*\n.*\n/, ''],
      [/fencing:[\s\S]*$/, ''],
      ['    paths: [198.51.100.2]\n', ''],
    ],
    'warning',
    'nodes.web1.paths',
    /no effect without peer/,
  ],
  [
    'a path of two nodes',
    [['[198.51.100.2]', '[198.51.100.1]']],
    'error',
    'nodes.web2.paths[0]',
    /an address of web1 already/,
  ],
  [
    'a path that is the address',
    [['[198.51.100.2]', '[192.0.2.12]']],
    'error',
    'nodes.web2.paths[0]',
    /an address of web2 already/,
  ],
  [
    'a path that moves',
    [['[198.51.100.2]', '[192.0.2.100]']],
    'error',
    'nodes.web2.paths[0]',
    /virtual address of www/,
  ],
  ['a majority of two', [['quorum: none', 'quorum: majority']], 'error', 'quorum', /three|3 or more nodes/, /arbiter/],
  [
    'fencing without channel',
    [
      [/peer:\n.*\n.*\n/, ''],
      [/ {4}paths.*\n/, ''],
      [/ {4}paths.*\n/, ''],
    ],
    'error',
    'fencing',
    /never run without peer/,
  ],
  ['fencing that names nobody', [[', "{node}"', '']], 'warning', 'fencing.argv', /no \{node\}/],
  ['a name twice', [['name: switch', 'name: gateway']], 'error', 'witness[1].name', /another witness/],
  [
    'two arbiters',
    [['arp: 192.0.2.2', 'lease: {http: "http://192.0.2.9/"}']],
    'error',
    'witness[4].lease',
    /second arbiter beside switch/,
  ],
  [
    'a witness that is a node',
    [['ping: 192.0.2.1', 'ping: 192.0.2.12']],
    'error',
    'witness[0].ping',
    /is web2: when it dies/,
  ],
  [
    'a witness that is held',
    [['192.0.2.53:53', '192.0.2.100:53']],
    'error',
    'witness[2].tcp',
    /virtual address of www/,
  ],
  [
    'a witness in this box',
    [['http://192.0.2.60/', 'http://localhost/']],
    'error',
    'witness[3].http',
    /this box itself/,
  ],
  [
    'a lease that is too short',
    [['ttl: 10s', 'ttl: 4s']],
    'error',
    'witness[4].lease.ttl',
    /4s is too short: a backup may wait 3.996s/,
    /write 5s or more/,
  ],
  [
    'requests that last too long',
    [
      ['ttl: 10s', 'ttl: 10s'],
      [/password_file: lease.pass\n/, 'password_file: lease.pass\n    timeout: 5s\n'],
    ],
    'error',
    'witness[4].timeout',
    /3 requests do not fit/,
    /write 3.333s or less/,
  ],
  [
    'rise of a lease',
    [[/password_file: lease.pass\n/, 'password_file: lease.pass\n    rise: 2\n']],
    'warning',
    'witness[4].rise',
    /no effect on a lease/,
  ],
]

for (const [what, edits, severity, path, message, remedy] of CROSS) {
  test(what, () => {
    const text = edits.reduce((before, [from, to]) => before.replace(from, to), WITH_PEER)
    assert.notEqual(text, WITH_PEER)
    const found = problemsOf(text).filter((problem) => problem.path === path)
    assert.equal(found.length, 1, JSON.stringify(problemsOf(text), undefined, 1))
    assert.equal(found[0]?.severity, severity)
    assert.match(found[0]?.message ?? '', message)
    if (remedy !== undefined) assert.match(found[0]?.remedy ?? '', remedy)
  })
}

test('three haup nodes may ask for a majority', () => {
  const three = WITH_PEER.replace(
    'instances:',
    '  web3:\n    address: 192.0.2.13\n    paths: [198.51.100.3]\ninstances:',
  )
    .replace('web2: 100', 'web2: 100\n      web3: 90')
    .replace('lower_priority: 60', 'lower_priority: 61')
    .replace('quorum: none', 'quorum: majority')
  assert.deepEqual(problemsOf(three), [])
})

test('paths of a node that speaks no haup do not count', () => {
  const mixed = WITH_PEER.replace('instances:', '  old:\n    address: 192.0.2.13\n    kind: keepalived\ninstances:')
    .replace('web2: 100', 'web2: 100\n      old: 90')
    .replace('lower_priority: 60', 'lower_priority: 61')
  assert.deepEqual(problemsOf(mixed), [])
})
