import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeReport, encodeReport } from '../../../src/engine/peer/message.ts'
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
  ready: fc.boolean(),
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
  instances: fc.uniqueArray(anyInstance, { selector: (each) => each.name, maxLength: 20 }),
  services: fc.uniqueArray(fc.record({ name, good: fc.boolean(), detail: text }), {
    selector: (each) => each.name,
    maxLength: 20,
  }),
})

test('what is written is read back', () => {
  fc.assert(
    fc.property(anyReport, (said) => {
      const encoded = encodeReport(said)
      assert.ok(encoded.ok)
      assert.deepEqual(decodeReport(encoded.value), { ok: true, value: structuredClone(said) })
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

test('counts and sizes are bounded', () => {
  const many = Array.from({ length: 256 }, (_, index) => instance({ name: `i${index}`, reason: '' }))
  assert.equal(errorOf({ ...report(), instances: many }), 'report: instances has more than 255 entries')
  const large = encodeReport(report({ instances: many.slice(1).map((each) => ({ ...each, reason: 'x'.repeat(200) })) }))
  assert.equal(large.ok, false)
  assert.equal(encodeReport(report({ instances: many.slice(1) })).ok, true)
})

test('texts are cut, and hold nothing that moves a terminal', () => {
  const encoded = encodeReport(report({ instances: [instance({ reason: `\u001b[2J\n${'x'.repeat(500)}` })] }))
  assert.ok(encoded.ok)
  const decoded = decodeReport(encoded.value)
  assert.ok(decoded.ok)
  assert.match(decoded.value.instances[0]?.reason ?? '', /^\[2J x+$/)
  assert.ok((decoded.value.instances[0]?.reason.length ?? 0) <= 200)
})
