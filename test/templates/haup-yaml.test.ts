import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { finishConfig, interpretConfig } from '../../src/config/interpret.ts'
import { type Ipv4, type Ipv4Prefix, ipv4FromNumber, parseIpv4, parseIpv4Prefix } from '../../src/shared/ip.ts'
import { fromMillis, fromSeconds, type Micros } from '../../src/shared/units.ts'
import {
  type HaupYamlPlan,
  type PlannedAddress,
  type PlannedService,
  type PlannedWitness,
  renderHaupYaml,
} from '../../src/templates/haup-yaml.ts'
import { readTemplate } from '../../src/templates/read-template.ts'

const template = await readTemplate('haup.yaml')

const ip = (text: string): Ipv4 => {
  const parsed = parseIpv4(text)
  assert.ok(parsed.ok)
  return parsed.value
}
const prefix = (text: string) => {
  const parsed = parseIpv4Prefix(text)
  assert.ok(parsed.ok)
  return parsed.value
}

const bare = (address: Ipv4Prefix): PlannedAddress => ({ ...address, interface: undefined, label: undefined })

const PLAN: HaupYamlPlan = {
  cluster: 'shop',
  nodes: [
    { name: 'web1', address: ip('192.0.2.11'), paths: [] },
    { name: 'web2', address: ip('192.0.2.12'), paths: [] },
  ],
  instances: [{ name: 'www', vrid: 77, preferred: 'web1', addresses: [bare(prefix('192.0.2.100/24'))] }],
  interface: undefined,
  version: 3,
  advertInterval: fromSeconds(1),
  silence: { replaced: fromMillis(3_162), stall: fromMillis(1_973) },
  priorities: { preferred: 250, other: 240 },
  preempt: true,
  passwordFile: undefined,
  service: {
    name: 'nginx',
    url: 'http://127.0.0.1/',
    host: undefined,
    status: ['200-399'],
    hungAfter: '250ms',
    configTest: ['/usr/sbin/nginx', '-t'],
    restart: { kind: 'unit', unit: 'nginx.service' },
    budget: '2 within 60s',
  },
  notify: [],
  peer: { keyFile: 'cluster.key' },
  witnesses: [],
}

/** The configuration and all problems of a rendered plan, password included. */
function check(plan: HaupYamlPlan) {
  const text = renderHaupYaml(template, plan)
  const draft = interpretConfig(text, 'haup.yaml')
  assert.ok(draft.ok, `${JSON.stringify(draft, undefined, 1)}\n${text}`)
  const content = new TextEncoder().encode('secret')
  const file = { kind: 'read', path: 'vrrp.pass', content, isPrivate: true, ownedByRoot: true } as const
  const finished = finishConfig(draft.value, new Map([['vrrp.pass', file]]))
  assert.ok(finished.ok, `${JSON.stringify(finished, undefined, 1)}\n${text}`)
  return finished.value
}

test('the usual file, word for word', () => {
  const golden = readFileSync(join(import.meta.dirname, 'haup.golden.yaml'), 'utf8')
  assert.equal(renderHaupYaml(template, PLAN), golden)
})

test('the order of the nodes is by address, not by who wrote the file', () => {
  const swapped = { ...PLAN, nodes: PLAN.nodes.toReversed() }
  assert.equal(renderHaupYaml(template, swapped), renderHaupYaml(template, PLAN))
})

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,20}$/)
const host = fc.integer({ min: 0x0a000001, max: 0x0afffffe }).map(ipv4FromNumber)
const word = fc.stringMatching(/^[^\p{Cc}\s/][^\p{Cc}\s]{0,12}$/u)
const argv = fc
  .tuple(fc.stringMatching(/^\/[a-z/]{1,20}$/), fc.array(word, { maxLength: 4 }))
  .map(([first, rest]) => [first, ...rest])

/** Plain objects, like those that the program makes. */
const plain = { noNullPrototype: true }

const restart: fc.Arbitrary<PlannedService['restart']> = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.constant({ kind: 'unit', unit: 'apache2.service' } as const),
  fc.record(
    {
      kind: fc.constant('command' as const),
      argv,
      pidFile: fc.option(fc.constant('/run/x y.pid'), { nil: undefined }),
    },
    plain,
  ),
)

const service: fc.Arbitrary<PlannedService> = fc.record({
  name,
  url: fc.constantFrom('http://127.0.0.1/', 'https://localhost:8443/a?b=c#d', 'http://10.1.2.3:8080/%20'),
  host: fc.constantFrom(undefined, 'www.example.com', 'shop:8080'),
  status: fc.constantFrom(['200'], ['200-299', '401'], ['200-399']),
  hungAfter: fc.constantFrom(undefined, '250ms'),
  configTest: fc.option(argv, { nil: undefined }),
  restart,
  budget: fc.constantFrom('2 within 60s', '5 within 10m'),
})

const interval = (version: 2 | 3): fc.Arbitrary<Micros> =>
  version === 2
    ? fc.integer({ min: 1, max: 255 }).map(fromSeconds)
    : fc.integer({ min: 10, max: 4_095 }).map((steps) => fromMillis(steps * 10))

/** Two nodes, one instance or two, distinct names, addresses and VRIDs. */
const plan: fc.Arbitrary<HaupYamlPlan> = fc.constantFrom<2 | 3>(2, 3).chain((version) =>
  fc
    .record({
      cluster: name,
      names: fc.uniqueArray(name, { minLength: 4, maxLength: 4 }),
      hosts: fc.uniqueArray(host, { minLength: 4, maxLength: 12 }),
      vrids: fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 2, maxLength: 2 }),
      isActiveActive: fc.boolean(),
      interface: fc.option(fc.constantFrom('eth0', 'bond0.12', '1'), { nil: undefined }),
      priorities: fc.constantFrom({ preferred: 250, other: 240 }, { preferred: 3, other: 2 }),
      label: fc.constantFrom(undefined, 'e0:1', 'e0:[x]'),
      preempt: fc.boolean(),
      hasPassword: fc.boolean(),
      hasChannel: fc.boolean(),
      hasPaths: fc.boolean(),
      witnesses: fc.subarray<PlannedWitness>([
        { kind: 'ping', target: '203.0.113.1' },
        { kind: 'arp', target: '203.0.113.2' },
        { kind: 'tcp', target: 'dns.example:53' },
        { kind: 'http', target: 'http://203.0.113.3/x' },
      ]),
      advertInterval: interval(version),
      silence: fc.record({
        replaced: interval(version),
        stall: fc.option(interval(version), { nil: undefined }),
      }),
      service,
      notify: fc
        .subarray(['master', 'backup', 'fault', 'stop', 'any'])
        .chain((kinds) => fc.tuple(...kinds.map((when) => argv.map((words) => ({ when, argv: words }))))),
    })
    .map(({ names, hosts, vrids, isActiveActive, hasPassword, hasChannel, hasPaths, label, ...rest }): HaupYamlPlan => {
      const [first = '', second = '', one = '', two = ''] = names
      const vips = hosts.slice(2).map((address) => ({
        ...bare({ address, length: 32 }),
        interface: label === undefined ? undefined : 'e0',
        label,
      }))
      const instance = (at: number) => ({
        name: [one, two][at] ?? '',
        vrid: vrids[at] ?? 1,
        preferred: [first, second][at] ?? '',
        addresses: isActiveActive ? vips.filter((_, index) => index % 2 === at) : vips,
      })
      return {
        ...rest,
        version,
        nodes: [first, second].map((node, index) => ({
          name: node,
          address: hosts[index] ?? ip('10.0.0.1'),
          paths: hasChannel && hasPaths ? [ip(`198.18.0.${index + 1}`)] : [],
        })),
        peer: hasChannel ? { keyFile: 'cluster.key' } : undefined,
        instances: isActiveActive ? [instance(0), instance(1)] : [instance(0)],
        passwordFile: version === 2 && hasPassword ? 'vrrp.pass' : undefined,
      }
    }),
)

test('whatever was answered: the file loads, warns of a command without pid file and of names alone, and says what was planned', () => {
  const property = fc.property(plan, (planned) => {
    const { config, warnings } = check(planned)
    const { restart } = planned.service
    const lacksPidFile = restart.kind === 'command' && restart.pidFile === undefined
    const named = planned.witnesses.flatMap(({ kind, target }, index) =>
      target.includes('.example') ? [`witness[${index}].${kind}`] : [],
    )
    assert.deepEqual(
      warnings.map(({ path }) => path).toSorted(),
      [...(lacksPidFile ? [`services.${planned.service.name}.restart`] : []), ...named].toSorted(),
    )
    assert.equal(config.cluster, planned.cluster)
    assert.deepEqual(
      new Set(config.nodes.map(({ address }) => address)),
      new Set(planned.nodes.map(({ address }) => address)),
    )
    assert.equal(config.instances.length, planned.instances.length)
    for (const instance of config.instances) {
      const wanted = planned.instances.find((each) => each.name === instance.name)
      assert.ok(wanted)
      assert.deepEqual([instance.vrid, instance.version], [wanted.vrid, planned.version])
      assert.deepEqual(
        instance.virtualAddresses.map(({ address, ...where }) => ({ ...address, ...where })),
        wanted.addresses,
      )
      assert.deepEqual(
        Object.values(instance.priority).toSorted((a, b) => b - a),
        [planned.priorities.preferred, planned.priorities.other],
      )
      assert.equal(instance.priority[wanted.preferred], planned.priorities.preferred)
      assert.equal(instance.advertInterval, planned.advertInterval)
      assert.equal(instance.preempt, planned.preempt)
      assert.equal(instance.interface, planned.interface)
      assert.equal(instance.password, planned.passwordFile === undefined ? undefined : 'secret')
    }
    const told = [...Object.entries(config.notify?.on ?? {}), ['any', config.notify?.any] as const]
    assert.deepEqual(
      new Map(told.filter(([, words]) => words !== undefined)),
      new Map(planned.notify.map(({ when, argv: words }) => [when, words])),
    )
    const [watched] = config.services
    assert.deepEqual(watched?.restart, planned.service.restart)
    assert.deepEqual(
      watched?.configTest,
      planned.service.restart.kind === 'none' ? undefined : planned.service.configTest,
    )
    assert.equal(watched?.name, planned.service.name)
  })
  fc.assert(property, { numRuns: 300 })
})
