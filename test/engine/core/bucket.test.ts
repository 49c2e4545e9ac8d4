import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Bucket, draw, payableAt } from '../../../src/engine/core/bucket.ts'
import { fromSeconds, type Micros, micros, plus } from '../../../src/shared/units.ts'

const PACE = { burst: 3, every: fromSeconds(10) }

test('in any span there are no more than the burst and one for each period of it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 8_000_000 }), { minLength: 1, maxLength: 200 }), (delays) => {
      let now: Micros = fromSeconds(5)
      let bucket: Bucket | undefined
      let paid = 0
      for (const delay of delays) {
        now = plus(now, micros(delay))
        const next = draw(bucket, PACE, now)
        bucket = next.bucket
        paid += next.paid ? 1 : 0
      }
      assert.ok(paid <= 3 + (now - fromSeconds(5)) / PACE.every)
    }),
  )
})

test('one that is refused may happen when it is said to, and not before', () => {
  let bucket: Bucket | undefined
  for (let index = 0; index < 4; index += 1) bucket = draw(bucket, PACE, fromSeconds(100 + index)).bucket
  assert.ok(bucket)
  const at = payableAt(bucket, PACE)
  assert.equal(at, fromSeconds(110))
  assert.deepEqual([draw(bucket, PACE, micros(at - 1)).paid, draw(bucket, PACE, at).paid], [false, true])
})
