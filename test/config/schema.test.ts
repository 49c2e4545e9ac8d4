import assert from 'node:assert/strict'
import { test } from 'node:test'
import { documentSchema, jsonSchema } from '../../src/config/schema.ts'
import { configOf, lineOf, onlyProblem, problemsOf, VALID, withLine } from './fixture.ts'
import { PEER_CASES } from './peer-cases.ts'

test('the fixture is valid and has no warnings', () => assert.deepEqual(problemsOf(VALID), []))

/** Way to the line, what is written there instead, the path, what is said, what is advised. */
type Case = readonly [keys: readonly string[], content: string, path: string, message: RegExp, remedy?: RegExp]

const www = ['instances', 'www']
const notify = [...www, 'notify']
const web = ['services', 'web']
const http = [...web, 'http']

const CASES: readonly Case[] = [
  [['cluster'], 'cluster: "a b"', 'cluster', /must be a name, not "a b"/, /letters, digits/],
  [['nodes', 'web1', 'address'], 'address: 300.1.1.1', 'nodes.web1.address', /IPv4 address/, /four numbers/],
  [['nodes', 'web1', 'address'], 'address: "fe80::1"', 'nodes.web1.address', /looks like IPv6/],
  [['nodes', 'web1', 'address'], 'address: 127.0.0.1', 'nodes.web1.address', /loopback/],
  [['nodes', 'web1', 'address'], 'address: 224.0.0.18', 'nodes.web1.address', /multicast/],
  [['nodes', 'web1', 'interface'], 'interface: eth 0', 'nodes.web1.interface', /interface name/],
  [['nodes', 'web1', 'interface'], 'interface:', 'nodes.web1.interface', /not empty/],
  [[...www, 'vrid'], 'vrid: 0', 'instances.www.vrid', /whole number from 1 to 255, not 0/],
  [[...www, 'vrid'], 'vrid: 256', 'instances.www.vrid', /from 1 to 255, not 256/],
  [[...www, 'vrid'], 'vrid: seven', 'instances.www.vrid', /not "seven"/],
  [[...www, 'version'], 'version: 4', 'instances.www.version', /must be 2 or 3, not 4/],
  [['nodes', 'web1', 'interface'], 'kind: router', 'nodes.web1.kind', /haup or keepalived/],
  [[...www, 'interface'], 'interface: "eth0:1"', 'instances.www.interface', /interface name/],
  [[...www, 'web1'], 'web1: 0', 'instances.www.priority.web1', /from 2 to 255/, /on the wire only/],
  [[...www, 'web1'], 'web1: 1', 'instances.www.priority.web1', /from 2 to 255/, /nobody else is left/],
  [[...www, 'web1'], 'web1: 256', 'instances.www.priority.web1', /not 256/],
  [[...www, 'web1'], '"-a": 150', 'instances.www.priority.-a', /no name for a node/],
  [[...www, 'preempt:'], 'preempt: yes', 'instances.www.preempt', /true or false/, /write true/],
  [[...www, 'preempt:'], 'preempt: off', 'instances.www.preempt', /true or false/, /write false/],
  [[...www, 'preempt_delay'], 'preempt_delay: 5', 'instances.www.preempt_delay', /unit, not 5/, /write 5s/],
  [[...www, 'preempt_delay'], 'preempt_delay: 2h', 'instances.www.preempt_delay', /from 0us to 1h 0m/],
  [[...www, 'advert_interval'], 'advert_interval: 1', 'instances.www.advert_interval', /unit/, /write 1s/],
  [[...www, 'advert_interval'], 'advert_interval: 1 s', 'instances.www.advert_interval', /such as 500ms/, /units are/],
  [[...www, 'advert_interval'], 'advert_interval: 1ms', 'instances.www.advert_interval', /from 10ms to 4m 15s/],
  [
    [...www, 'advert_interval'],
    'password_file: ""',
    'instances.www.password_file',
    /must be a path, not empty/,
    /such as/,
  ],
  [[...www, 'send'], 'send: both', 'instances.www.checksum.send', /pseudo or message/],
  [[...www, 'accept'], 'accept: any', 'instances.www.checksum.accept', /pseudo or message or both/],
  [[...www, '192.0.2.100/24'], '192.0.2.100/33', 'instances.www.virtual_addresses[0]', /prefix length from 1 to 32/],
  [[...www, '192.0.2.100/24'], '192.0.2.255/24', 'instances.www.virtual_addresses[0]', /broadcast address of its/],
  [[...www, '192.0.2.100/24'], '192.0.2.0/24', 'instances.www.virtual_addresses[0]', /network address of its/],
  [[...www, '192.0.2.100/24'], '17', 'instances.www.virtual_addresses[0]', /must be an address such as/],
  [[...www, 'address:'], 'address: no', 'instances.www.virtual_addresses[1].address', /IPv4 address, not "no"/],
  [[...www, 'address', 'interface: eth1'], 'interface: 1', 'instances.www.virtual_addresses[1].interface', /interface/],
  [[...www, 'label'], 'label: eth1:toolonglabel', 'instances.www.virtual_addresses[1].label', /at most 15/],
  [[...www, 'service'], 'service: ""', 'instances.www.track[0].service', /must be a name, not empty/],
  [
    [...www, 'lower_priority'],
    'lower_priority: 0',
    'instances.www.track[0].on_failure.lower_priority',
    /from 1 to 253/,
  ],
  [[...www, 'when_all_down'], 'when_all_down: keep', 'instances.www.when_all_down', /hold or release/],
  [[...www, 'announce_refresh'], 'announce_refresh: 1d', 'instances.www.announce_refresh', /a duration/, /units are/],
  [[...www, 'gate'], 'gate: yes', 'instances.www.gate', /on or off/],
  [[...notify, 'master'], 'master: on-master', 'instances.www.notify.master', /list/, /\[on-master\]/],
  [[...notify, 'backup'], 'backup: [bin/on-backup]', 'instances.www.notify.backup', /no absolute path/],
  [[...notify, 'fault'], 'fault: []', 'instances.www.notify.fault', /must be a list/],
  [[...notify, 'stop'], 'stop: [[a]]', 'instances.www.notify.stop', /list of texts/],
  [[...notify, 'redundancy_lost'], 'redundancy_lost: 1', 'instances.www.notify.redundancy_lost', /list/],
  [[...notify, 'redundancy_back'], 'redundancy_back: []', 'instances.www.notify.redundancy_back', /must be a list/],
  [[...notify, 'any'], 'any: {}', 'instances.www.notify.any', /not a mapping/],
  [[...notify, 'timeout'], 'timeout: 10m', 'instances.www.notify.timeout', /from 100ms to 5m/],
  [[...notify, 'user'], 'user: "a:b"', 'instances.www.notify.user', /user name/],
  [[...web, 'port'], 'port: 65536', 'services.web.probes[0].tcp.port', /from 1 to 65535/],
  [[...web, 'host'], 'host: "a/b"', 'services.web.probes[0].tcp.host', /IPv4 address or a host name/],
  [[...http, 'url'], 'url: example.org', 'services.web.probes[1].http.url', /must be a URL/, /http:\/\/127/],
  [[...http, 'url'], 'url: "ftp://x/"', 'services.web.probes[1].http.url', /http or https/],
  [[...http, 'url'], 'url: "https://u:p@x/"', 'services.web.probes[1].http.url', /user or password/, /Authorization/],
  [[...http, 'url'], 'url: "http://127.0.0.1:0/"', 'services.web.probes[1].http.url', /a port from 1 to 65535/],
  [[...http, 'status'], 'status: [200-99]', 'services.web.probes[1].http.status[0]', /HTTP status/],
  [[...http, 'status'], 'status: [399-200]', 'services.web.probes[1].http.status[0]', /from low/, /200-399/],
  [[...http, 'status'], 'status: 200', 'services.web.probes[1].http.status', /must be a list/],
  [[...http, 'status'], 'status: []', 'services.web.probes[1].http.status', /at least 1/],
  [[...http, 'method'], 'method: POST', 'services.web.probes[1].http.method', /GET or HEAD/],
  [[...http, 'method'], 'method: HEAD', 'services.web.probes[1].http.body', /HEAD has no body/, /GET/],
  [[...http, 'host'], 'host: "a\\nb"', 'services.web.probes[1].http.host', /one line/],
  [[...http, 'headers'], 'headers: {"a b": c}', 'services.web.probes[1].http.headers', /no name of an HTTP header/],
  [[...http, 'headers'], 'headers: {Host: c}', 'services.web.probes[1].http.headers', /set by haup/, /key host/],
  [[...http, 'headers'], 'headers: {A: "b\\r\\nC: d"}', 'services.web.probes[1].http.headers', /one line/],
  [[...http, 'body'], 'body: ""', 'services.web.probes[1].http.body', /not empty/],
  [[...http, 'body'], 'body_regex: "("', 'services.web.probes[1].http.body_regex', /no regular expression/],
  [[...http, 'body'], 'body: {}', 'services.web.probes[1].http.body', /not a mapping/],
  [[...http, 'sni'], 'sni: "-"', 'services.web.probes[1].http.sni', /host name/],
  [[...http, 'ca'], 'ca: mine.pem', 'services.web.probes[1].http.ca', /absolute path/, /begin it with/],
  [[...web, 'pid_file'], 'pid_file: nginx.pid', 'services.web.probes[2].process.pid_file', /absolute path/],
  [[...web, 'argv'], 'argv: /bin/true -x', 'services.web.probes[3].command.argv', /list/, /\[\/bin\/true, -x\]/],
  [[...web, 'argv'], 'argv: [./check]', 'services.web.probes[3].command.argv', /no absolute path/, /whole path/],
  [[...web, 'argv'], 'argv: []', 'services.web.probes[3].command.argv', /must be a list/],
  [[...web, 'user'], 'user: "a b"', 'services.web.probes[3].command.user', /user name/],
  [[...web, 'interval'], 'interval: 50ms', 'services.web.interval', /from 100ms/],
  [[...web, 'timeout'], 'timeout: 2m', 'services.web.timeout', /from 10ms to 1m 0s/],
  [[...web, 'rise'], 'rise: 0', 'services.web.rise', /from 1 to 100/],
  [[...web, 'fall'], 'fall: 1.5', 'services.web.fall', /whole number/],
  [[...web, 'config_test'], 'config_test: nginx -t', 'services.web.config_test', /list/, /\[nginx, -t\]/],
  [[...web, 'unit'], 'unit: nginx', 'services.web.restart.unit', /systemd service/, /nginx.service/],
  [[...web, 'unit'], 'unit: web@.service', 'services.web.restart.unit', /systemd service/],
  [[...web, 'unit'], 'pid_file: /x', 'services.web.restart', /needs one of unit, argv/],
  [[...web, 'restart_budget'], 'restart_budget: 2', 'services.web.restart_budget', /restarts and a time/, /within 60s/],
  [[...web, 'settle'], 'settle: 0s', 'services.web.settle', /from 100ms/],
  [[...web, 'hung_after'], 'hung_after: 50ms', 'services.web.hung_after', /100ms/],
  [[...web, 'patience'], 'patience: 11m', 'services.web.patience', /10m/],
]

/** Told at another line than the one that was replaced. */
const ELSEWHERE = ['method: HEAD', 'pid_file: /x']

for (const [keys, content, path, message, remedy] of CASES) {
  test(`${keys.join('.')} -> ${content}`, () => {
    const text = withLine(keys, content)
    const problem = onlyOf(text, path)
    assert.equal(problem.severity, 'error')
    assert.match(problem.message, message)
    if (remedy !== undefined) assert.match(problem.remedy ?? '', remedy)
    if (ELSEWHERE.includes(content)) return
    assert.equal(problem.place.line, lineOf(VALID, ...keys))
    const source = text.split('\n')[problem.place.line - 1] ?? ''
    assert.ok(content.endsWith(source.slice(problem.place.column - 1)), `column ${problem.place.column} of ${source}`)
    assert.equal(problem.place.file, 'haup.yaml')
  })
}

function onlyOf(text: string, path: string) {
  const problems = problemsOf(text).filter((problem) => problem.path === path)
  assert.equal(problems.length, 1, JSON.stringify(problemsOf(text), undefined, 1))
  const [problem] = problems
  assert.ok(problem)
  return problem
}

test('every key of the schema has a case that fails', () => {
  const covered = new Set(
    [...CASES, ...PEER_CASES].map(([, , path]) =>
      path
        .replace(/\[\d+\]/g, '')
        .split('.')
        .at(-1),
    ),
  )
  for (const key of keysIn(jsonSchema())) assert.ok(covered.has(key), `no case for ${key}`)
})

/** Leaves only: keys whose value is not itself a mapping of known keys. */
function keysIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own = Object.entries(schema).flatMap(([keyword, value]) =>
    keyword !== 'properties' || typeof value !== 'object' || value === null
      ? keysIn(value)
      : Object.entries(value).flatMap(([key, inner]) =>
          hasProperties(inner) ? keysIn(inner) : [key, ...keysIn(inner)],
        ),
  )
  return own
}

const CONTAINERS = ['"properties"', '"anyOf"', '"propertyNames"', '"items":{"anyOf"']
const hasProperties = (schema: unknown): boolean => CONTAINERS.some((mark) => JSON.stringify(schema).includes(mark))

test('the JSON Schema knows the defaults and refuses unknown keys', () => {
  const schema = JSON.stringify(jsonSchema())
  assert.match(schema, /"default":"2 within 60s"/)
  assert.match(schema, /"additionalProperties":false/)
  assert.match(schema, /"title":"haup.yaml"/)
})

test('defaults', () => {
  const config = configOf(`
cluster: c
nodes: {a: {address: 192.0.2.1}, b: {address: 192.0.2.2}}
instances: {i: {vrid: 1, priority: {a: 200, b: 100}, virtual_addresses: [192.0.2.9], track: [s]}}
services: {s: {probes: [{tcp: {port: 80}}, {http: {url: "http://127.0.0.1/"}}]}}`)
  const [instance] = config.instances
  assert.deepEqual(
    { ...instance, virtualAddresses: undefined },
    {
      name: 'i',
      vrid: 1,
      version: 2,
      interface: undefined,
      priority: { a: 200, b: 100 },
      preempt: true,
      preemptDelay: 0,
      advertInterval: 1_000_000,
      password: undefined,
      checksum: { send: 'pseudo', accept: 'pseudo' },
      virtualAddresses: undefined,
      track: [{ service: 's', onFailure: { kind: 'release' } }],
      whenAllDown: 'hold',
      announceRefresh: 1_000_000,
      gate: true,
      notify: undefined,
    },
  )
  assert.deepEqual(instance?.virtualAddresses[0]?.address, { address: '192.0.2.9', length: 32 })
  const [service] = config.services
  assert.deepEqual(service?.budget, { restarts: 2, within: 60_000_000 })
  assert.deepEqual(service?.restart, { kind: 'none' })
  assert.deepEqual(service?.probes[0], { kind: 'tcp', host: '127.0.0.1', port: 80 })
  assert.equal(service?.settle, 3_000_000)
})

test('a schema without services and track is complete', () => {
  const { success } = documentSchema.safeParse({
    cluster: 'c',
    nodes: { a: { address: '192.0.2.1' } },
    instances: { i: { vrid: 1, priority: { a: 200 }, virtual_addresses: ['192.0.2.9'] } },
  })
  assert.ok(success)
})

test('notify needs a command, stands at an instance and for all, and has a timeout', () => {
  const empty = VALID.replace(/ {4}notify:\n( {6}.*\n)+/, '    notify: {timeout: 1s}\n')
  assert.match(
    onlyProblem(empty).message,
    /one or more of master, backup, fault, stop, redundancy_lost, redundancy_back, any/,
  )
  const config = configOf(`${VALID}notify:\n  any: [logger, -t, haup]\n`)
  assert.deepEqual(config.notify, {
    on: {},
    any: ['logger', '-t', 'haup'],
    timeout: 10_000_000,
    user: undefined,
  })
  const own = config.instances[0]?.notify
  assert.deepEqual([own?.on.backup, own?.timeout, own?.user], [['/usr/local/bin/on-backup', '1'], 5_000_000, 'nobody'])
})

test('one place, exactly', () => {
  const problem = onlyProblem(withLine(['instances', 'www', 'vrid'], 'vrid: 300'))
  assert.deepEqual(problem.place, { file: 'haup.yaml', line: 11, column: 11 })
})
