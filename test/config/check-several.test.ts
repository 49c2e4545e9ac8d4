import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineOf, problemsOf, VALID, withLine } from './fixture.ts'

/** Cross checks that need more than a replaced line; the others are in check.test.ts. */

const release: readonly [string | RegExp, string] = [/- service: web\n[\s\S]*?60\n/, '- web\n']

const second = (vrid: number, interfaceName: string, address: string) => `
  api:
    vrid: ${vrid}
    interface: ${interfaceName}
    priority: {web1: 100, web2: 150}
    virtual_addresses: [${address}]
services:`

const withSecond = (...args: Parameters<typeof second>) => VALID.replace('\nservices:', second(...args))

test('one VRID twice on one interface', () => {
  const [problem, ...more] = problemsOf(withSecond(77, 'eth0', '192.0.2.200/24'))
  assert.deepEqual(more, [])
  assert.equal(problem?.path, 'instances.api.vrid')
  assert.match(problem?.message ?? '', /77 is the VRID of www too/)
  assert.match(problem?.remedy ?? '', /78/)
})

test('one VRID twice on two interfaces', () =>
  assert.deepEqual(problemsOf(withSecond(77, 'eth1', '192.0.2.200/24')), []))

test('one address in two instances', () => {
  const [problem, ...more] = problemsOf(withSecond(78, 'eth0', '192.0.2.100/24'))
  assert.deepEqual(more, [])
  assert.equal(problem?.path, 'instances.api.virtual_addresses[0]')
  assert.match(problem?.message ?? '', /address of www too/)
})

test('an owner (255) may hold any address but its own', () => {
  const owner = VALID.replace('web1: 150', 'web1: 255').replace(...release)
  assert.deepEqual(problemsOf(owner), [])
  const [problem, ...more] = problemsOf(owner.replace('192.0.2.100/24', '192.0.2.11/24'))
  assert.deepEqual(more, [])
  assert.equal(problem?.severity, 'error')
  assert.match(problem?.message ?? '', /own address of web1: .* both stay master/)
})

test('lowering by the least that is enough', () => {
  assert.deepEqual(problemsOf(VALID.replace('lower_priority: 60', 'lower_priority: 51')), [])
})

test('a service that nobody tracks', () => {
  const text = VALID.replace('services:', 'services:\n  db: {probes: [{tcp: {port: 5432}}]}')
  const [problem, ...more] = problemsOf(text)
  assert.deepEqual(more, [])
  assert.equal(problem?.severity, 'warning')
  assert.deepEqual(problem?.place, { file: 'haup.yaml', line: lineOf(text, 'services', 'db'), column: 3 })
})

test('a service tracked twice', () => {
  const text = VALID.replace('track:', 'track:\n      - web')
  assert.match(problemsOf(text)[0]?.message ?? '', /web is tracked twice/)
})

test('what has no effect without a restart', () => {
  const text = VALID.replace('restart:\n      unit: nginx.service', 'restart: none')
  const paths = problemsOf(text).map(({ path, severity }) => `${severity} ${path}`)
  assert.deepEqual(
    paths,
    ['config_test', 'restart_budget', 'settle', 'patience'].map((key) => `warning services.web.${key}`),
  )
})

test('one node alone', () => {
  const text = VALID.replace(/ {2}web2:\n.*\n.*\n/, '').replace(/ {6}web2: 100\n/, '')
  const [problem, ...more] = problemsOf(text)
  assert.deepEqual(more, [])
  assert.match(problem?.message ?? '', /one node only/)
})

test('a label without a named interface', () => {
  const text = VALID.replace(/ +interface: eth.\n/g, '')
  assert.deepEqual(
    problemsOf(text).map(({ severity, remedy }) => [severity, remedy]),
    [['warning', 'add interface: eth1']],
  )
})

test('a name that objects have by nature is a name like any other', () => {
  const text = VALID.replaceAll('web2:', 'constructor:')
  assert.deepEqual(problemsOf(text), [])
  const without = text.replace(/ {6}constructor: 100\n/, '')
  assert.match(problemsOf(without)[0]?.message ?? '', /no priority for the node constructor/)
})

test('the password file is refused before it is read', () => {
  const text = withLine(['instances', 'www', 'version'], 'version: 3\n    password_file: missing')
  assert.equal(problemsOf(text).length, 1)
})
