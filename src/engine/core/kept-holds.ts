import { err, ok, type Result } from '../../shared/result.ts'
import { fromMillis, type Micros, minus, plus, toMillis } from '../../shared/units.ts'
import type { EngineState } from './types.ts'

/**
 * Holds as they outlive the engine: in times of the wall clock as it was when they were written. In the same boot, what has
 * passed since then is told by the time since the boot, which nobody sets; after a reboot by the wall clock. PURE.
 */

/** How long ago this box was booted, and which boot that was. */
export type BootMoment = { readonly id: string; readonly at: Micros }

/** All clocks at one moment. */
export type Clocks = { readonly now: Micros; readonly wall: Date; readonly boot: BootMoment | undefined }

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
  const { wall, boot } = clocks
  const written = boot && { at: wall.toISOString(), boot: boot.id, uptime_ms: Math.round(toMillis(boot.at)) }
  return `${JSON.stringify({ format: 1, ...(written ? { written } : {}), holds }, undefined, 2)}\n`
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
  const unset = { ...clocks, wall: unsetWall(content.written, clocks) }
  for (const entry of content.holds as readonly unknown[]) {
    const hold = isRecord(entry) ? parseHold(entry, unset) : undefined
    if (hold === undefined) return err('it holds something that is no hold')
    holds.push(hold)
  }
  return ok(holds)
}

/** What the wall clock would say, had nobody set it since the file was written. */
function unsetWall(written: unknown, { wall, boot }: Clocks): Date {
  if (!isRecord(written) || boot === undefined || written.boot !== boot.id) return wall
  const { at, uptime_ms: uptime } = written
  const then = typeof at === 'string' ? Date.parse(at) : Number.NaN
  if (Number.isNaN(then) || typeof uptime !== 'number') return wall
  const passed = toMillis(boot.at) - uptime
  // A container's own count, which begins anew with it.
  return passed < 0 ? wall : new Date(then + passed)
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
