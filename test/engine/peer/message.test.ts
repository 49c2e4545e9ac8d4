import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OVERHEAD_BYTES } from '../../../src/engine/peer/frame.ts'
import { DATAGRAM_BYTES, decodeReport, encodeReport, splitReport } from '../../../src/engine/peer/message.ts'
import type { PeerInstance, PeerReport } from '../../../src/engine/peer/types.ts'
import type { Micros } from '../../../src/shared/units.ts'
import { instance, report } from './support.ts'

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const errorOf = (value: unknown): string => {
  const decoded = decodeReport(bytesOf(value))
  return decoded.ok ? 'none' : decoded.error
}

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/)
const number = fc.nat()
const time = fc.maxSafeNat().map((value) => value as Micros)
const text = fc.stringMatching(/^[!-~]{0,150}$/)
const anyInstance: fc.Arbitrary<PeerInstance> = fc.record({
  name,
  state: fc.constantFrom('INIT', 'BACKUP', 'MASTER', 'FAULT'),
  reason: text,
  age: time,
  holding: fc.boolean(),
  wait: fc.integer({ min: 30_000, max: 1_020_000_000 }).map((each) => each as Micros),
  readiness: fc.constantFrom('serves', 'standby', 'unable'),
  open: fc.option(time, { nil: undefined }),
  advert: fc.option(fc.record({ node: name, id: fc.integer({ min: 1, max: 0xffff }), age: time }), { nil: undefined }),
  follows: fc.option(name, { nil: undefined }),
  listens: fc.boolean(),
  refuses: fc.option(name, { nil: undefined }),
  priority: fc.nat({ max: 255 }),
  lan: fc.constantFrom('reached', 'dark', 'unknown', 'down'),
  claim: fc.option(number, { nil: undefined }),
  grant: fc.option(fc.record({ to: name, claim: number }), { nil: undefined }),
  move: fc.option(
    fc.record({
      id: number,
      with: name,
      step: fc.constantFrom('offer', 'prepared', 'refused', 'closed', 'opened'),
    }),
    { nil: undefined },
  ),
})
const anyReport: fc.Arbitrary<PeerReport> = fc.record({
  haup: text.map((each) => each.slice(0, 40)),
  leaving: fc.boolean(),
  standby: fc.boolean(),
  digests: fc.dictionary(fc.stringMatching(/^[a-z][a-z_]{0,31}$/), fc.stringMatching(/^[0-9a-f]{8}$/), {
    maxKeys: 10,
  }),
  lateness: time,
  every: fc.integer({ min: 100_000, max: 1_000_000 }).map((each) => each as Micros),
  roster: fc.record({
    digest: fc.stringMatching(/^[0-9a-f]{8}$/),
    instances: fc.nat({ max: 255 }),
    services: fc.nat({ max: 255 }),
  }),
  instances: fc.uniqueArray(anyInstance, { selector: (each) => each.name, maxLength: 20 }),
  services: fc.uniqueArray(fc.record({ name, good: fc.boolean(), detail: text }), {
    selector: (each) => each.name,
    maxLength: 20,
  }),
})

test('what is written is read back', () => {
  fc.assert(
    fc.property(anyReport, (said) => {
      const read = encodeReport(said).map((bytes) => decodeReport(bytes))
      const reports = read.map((each) => (each.ok ? each.value : assert.fail(each.error)))
      assert.deepEqual(reports, structuredClone(splitReport(said)))
      const { instances: _instances, services: _services, ...head } = said
      for (const { instances, services, ...rest } of reports) {
        assert.ok(instances.length + services.length > 0 || reports.length === 1)
        assert.deepEqual(rest, structuredClone(head))
      }
      const bare = (rows: readonly PeerInstance[]) => rows.map((row) => ({ ...row, reason: '' }))
      assert.deepEqual(bare(reports.flatMap(({ instances }) => instances)), structuredClone(bare(said.instances)))
      assert.deepEqual(
        reports.flatMap(({ services }) => services.map((each) => each.name)),
        said.services.map((each) => each.name),
      )
    }),
  )
})

test('any JSON is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.object()), (value) => {
      assert.equal(decodeReport(bytesOf(value)).ok, false)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.equal(decodeReport(bytes).ok, false)
    }),
  )
  assert.equal(decodeReport(new TextEncoder().encode('['.repeat(50_000))).ok, false)
})

test('keys of later versions are left out', () => {
  const decoded = decodeReport(
    bytesOf({ ...report({ instances: [] }), moon: 'full', instances: [{ ...instance(), colour: 'red' }] }),
  )
  assert.deepEqual(decoded, { ok: true, value: report({ instances: [instance()] }) })
})

test('each missing or wrong field is named', () => {
  const one = (changes: object): unknown => ({ ...report(), instances: [{ ...instance(), ...changes }] })
  const cases: readonly (readonly [unknown, string])[] = [
    [null, 'report: is no object'],
    [{ ...report(), leaving: undefined }, 'report: leaving is neither true nor false'],
    [{ ...report(), instances: {} }, 'report: instances is no list'],
    [one({ holding: undefined }), 'report: instances entry 0: holding is neither true nor false'],
    [one({ name: 'a b' }), 'report: instances entry 0: name is no name'],
    [one({ priority: 256 }), 'report: instances entry 0: priority is no whole number from 0 to 255'],
    [one({ priority: 1.5 }), 'report: instances entry 0: priority is no whole number from 0 to 255'],
    [{ ...report(), every: 10 }, 'report: every is no whole number from 100000 to 1000000'],
    [one({ wait: 2e9 }), 'report: instances entry 0: wait is no whole number from 30000 to 1020000000'],
    [one({ age: -1 }), 'report: instances entry 0: age is no whole number from 0 to 9007199254740991'],
    [one({ state: 'KING' }), 'report: instances entry 0: state is none of INIT, BACKUP, MASTER, FAULT'],
    [
      one({ grant: { to: 'web2' } }),
      'report: instances entry 0: grant claim is no whole number from 0 to 9007199254740991',
    ],
    [{ ...report(), instances: [instance(), instance()] }, 'report: instances names one thing twice'],
    [{ ...report(), digests: { cluster: 'XYZ' } }, 'report: digests cluster does not look like ^[0-9a-f]{8}$'],
    [{ ...report(), digests: JSON.parse('{"__proto__":"01234567"}') }, 'report: digests has a key of another form'],
  ]
  for (const [value, error] of cases) assert.equal(errorOf(value), error)
})

test('counts are bounded', () => {
  const many = Array.from({ length: 256 }, (_, index) => ({ name: `i${index}`, good: true, detail: '' }))
  assert.equal(errorOf({ ...report(), instances: many }), 'report: larger than 4096 bytes')
  const roster = { digest: '0badcafe', instances: 256, services: 0 }
  assert.equal(errorOf({ ...report(), roster }), 'report: roster instances is no whole number from 0 to 255')
})

test('no datagram is larger than any path carries, and none is nearly empty', () => {
  const instances = Array.from({ length: 255 }, (_, index) =>
    instance({ name: `i${index}`, reason: 'x'.repeat(index) }),
  )
  const services = Array.from({ length: 500 }, (_, index) => ({
    name: `s${index}`,
    good: true,
    detail: 'é'.repeat(200),
  }))
  const sizes = encodeReport(report({ instances, services })).map(({ length }) => length + OVERHEAD_BYTES)
  assert.ok(Math.max(...sizes) <= DATAGRAM_BYTES, `${Math.max(...sizes)}`)
  assert.ok(Math.min(...sizes.slice(0, -1)) > DATAGRAM_BYTES / 2, `${Math.min(...sizes.slice(0, -1))}`)
})

test('texts are cut, and hold nothing that moves a terminal', () => {
  const [encoded] = encodeReport(report({ instances: [instance({ reason: `\u001b[2J\n${'x'.repeat(500)}` })] }))
  const decoded = decodeReport(encoded ?? assert.fail())
  assert.ok(decoded.ok)
  assert.match(decoded.value.instances[0]?.reason ?? '', /^\[2J x+$/)
  assert.ok((decoded.value.instances[0]?.reason.length ?? 0) <= 200)
})
