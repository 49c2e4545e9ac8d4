import { type Micros, minus, toSeconds } from '../../shared/units.ts'

/** How often something may happen: `rate` per second, and `burst` at once after a rest. PURE. */
export type Allowance = { readonly rate: number; readonly burst: number }

export type Bucket = { readonly left: number; readonly at: Micros }

export const fullBucket = (allowance: Allowance, now: Micros): Bucket => ({ left: allowance.burst, at: now })

/** The bucket after one more, or undefined: not now. */
export function spend(bucket: Bucket, { rate, burst }: Allowance, now: Micros): Bucket | undefined {
  const left = Math.min(burst, bucket.left + toSeconds(minus(now, bucket.at)) * rate)
  return left >= 1 ? { left: left - 1, at: now } : undefined
}
