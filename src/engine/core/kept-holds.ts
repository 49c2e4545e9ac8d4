import { err, ok, type Result } from '../../shared/result.ts'
import { fromMillis, type Micros, minus, plus, toMillis } from '../../shared/units.ts'
import type { EngineState } from './types.ts'

/** Holds as they outlive the engine: by the wall clock, since the monotonic one begins anew with each boot. PURE. */

/** Both clocks at one moment. */
export type Clocks = { readonly now: Micros; readonly wall: Date }

export type KeptHold = {
  readonly instance: string
  readonly since: Micros
  readonly until: Micros | undefined
  readonly standby: boolean
  readonly strict: boolean
}

/** Undefined: no instance is held. */
export function formatHolds({ instances }: EngineState, clocks: Clocks): string | undefined {
  const holds = [...instances].flatMap(([instance, { hold }]) =>
    hold === undefined
      ? []
      : [
          {
            instance,
            since: wallOf(hold.since, clocks),
            ends: hold.until === undefined ? null : wallOf(hold.until, clocks),
            ...(hold.standby ? { standby: true } : {}),
            ...(hold.strict ? { strict: true } : {}),
          },
        ],
  )
  if (holds.length === 0) return undefined
  return `${JSON.stringify({ format: 1, holds }, undefined, 2)}\n`
}

/** What differs when the file must be written anew. */
export const holdsKey = ({ instances }: EngineState): string =>
  JSON.stringify(
    [...instances].flatMap(([name, { hold }]) =>
      hold ? [[name, hold.since, hold.until ?? null, hold.standby, hold.strict]] : [],
    ),
  )

/** Everything or nothing: a file of which a part is wrong has not been written by us. */
export function parseHolds(text: string, clocks: Clocks): Result<readonly KeptHold[], string> {
  const content = parseJson(text)
  if (!isRecord(content) || content.format !== 1 || !Array.isArray(content.holds)) return err('it is no list of holds')
  const holds: KeptHold[] = []
  for (const entry of content.holds as readonly unknown[]) {
    const hold = isRecord(entry) ? parseHold(entry, clocks) : undefined
    if (hold === undefined) return err('it holds something that is no hold')
    holds.push(hold)
  }
  return ok(holds)
}

function parseHold(entry: Readonly<Record<string, unknown>>, clocks: Clocks): KeptHold | undefined {
  const { instance, since, ends } = entry
  const began = monotonicOf(since, clocks)
  const until = ends === null ? undefined : monotonicOf(ends, clocks)
  if (typeof instance !== 'string' || began === undefined || (ends !== null && until === undefined)) return undefined
  return { instance, since: began, until, standby: entry.standby === true, strict: entry.strict === true }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const wallOf = (at: Micros, { now, wall }: Clocks): string =>
  new Date(wall.getTime() + toMillis(minus(at, now))).toISOString()

function monotonicOf(text: unknown, { now, wall }: Clocks): Micros | undefined {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : plus(now, fromMillis(at - wall.getTime()))
}
