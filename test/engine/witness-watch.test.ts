import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchWitness } from '../../src/engine/witness-watch.ts'
import { parseIpv4 } from '../../src/shared/ip.ts'
import { fromMillis } from '../../src/shared/units.ts'

const address = parseIpv4('192.0.2.1')
assert.ok(address.ok)
const witness = {
  target: { kind: 'arp', interface: 'e0', address: address.value },
  interval: fromMillis(1),
  timeout: fromMillis(50),
  rise: 2,
  fall: 2,
} as const

test('it looks again and again, tells changes alone, and stops when closed', async () => {
  const answers = [true, false, true, false, false, false, true, true, true]
  let looks = 0
  const told: string[] = []
  const back = Promise.withResolvers<void>()
  const check = async () => {
    const ok = answers[looks] ?? true
    looks += 1
    return { ok, detail: `look ${looks}` }
  }
  const watch = watchWitness({ check }, witness, (lost) => {
    told.push(lost ?? 'back')
    if (lost === undefined) back.resolve()
  })
  await back.promise
  assert.deepEqual(told, ['look 5', 'back'])
  watch.close()
  const before = looks
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(looks, before)
})
