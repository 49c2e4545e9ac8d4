import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namesOf } from '../../src/config/check-names.ts'
import { configOf, problemsOf, VALID } from './fixture.ts'

const warnings = (text: string) => problemsOf(text).map(({ severity, path, remedy }) => [severity, path, remedy])
const withWitness = (entry: string): string => VALID.replace('services:', `witness: [${entry}]\nservices:`)

test('a probe by a name', () => {
  const tcp = VALID.replace('host: 127.0.0.1', 'host: db.example')
  assert.deepEqual(warnings(tcp), [['warning', 'services.web.probes[0].tcp', 'write its address']])
  const http = VALID.replace('https://127.0.0.1/', 'https://app.example/')
  assert.deepEqual(warnings(http), [
    ['warning', 'services.web.probes[1].http', 'write its address into /etc/hosts of every node, too'],
  ])
  assert.match(problemsOf(tcp)[0]?.message ?? '', /^db\.example is a name: .* resolver that hangs/)
})

test('a name that needs no resolver, and addresses', () => {
  assert.deepEqual(warnings(VALID.replace('host: 127.0.0.1', 'host: localhost')), [])
  assert.deepEqual(warnings(VALID.replace('https://127.0.0.1/', 'https://[::1]:8443/')), [])
})

for (const [entry, key] of [
  ['{name: a, tcp: "dns.example:53"}', 'tcp'],
  ['{name: a, http: "http://gw.example/"}', 'http'],
  ['{name: a, lease: {http: "http://store.example/l", ttl: 10s}}', 'lease'],
  [
    '{name: a, lease: {etcd: ["http://192.0.2.30:2379", "http://etcd.example:2379"], prefix: /haup, ttl: 10s}}',
    'lease',
  ],
] as const) {
  test(`a witness by a name: ${entry}`, () => {
    const text = withWitness(entry)
    const found = warnings(text).filter(([, path]) => String(path).startsWith('witness'))
    assert.deepEqual(found, [['warning', `witness[0].${key}`, 'write its address']])
    const names = namesOf(configOf(text).witnesses)
    assert.equal(names.length, 1)
    assert.match(names[0] ?? '', /\.example$/)
  })
}
