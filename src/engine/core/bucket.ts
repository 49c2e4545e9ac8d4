import { type Micros, micros, minus, plus } from '../../shared/units.ts'

/** A token bucket: how often something may happen, so that no cause makes it happen without end. PURE. */

/** So many at once, and one more after each `every`. */
export type Pace = { readonly burst: number; readonly every: Micros }

export type Bucket = {
  /** Time saved up: `every` pays for one. */
  readonly credit: Micros
  readonly at: Micros
}

/** Whether one more may happen now, and what is left then. A bucket that does not exist yet is full. */
export function draw(
  before: Bucket | undefined,
  { burst, every }: Pace,
  now: Micros,
): { bucket: Bucket; paid: boolean } {
  const full = micros(burst * every)
  const credit = before === undefined ? full : micros(Math.min(full, before.credit + minus(now, before.at)))
  const paid = credit >= every
  return { bucket: { credit: paid ? minus(credit, every) : credit, at: now }, paid }
}

/** From when on one more may happen. */
export const payableAt = ({ credit, at }: Bucket, { every }: Pace): Micros =>
  plus(at, micros(Math.max(0, every - credit)))
