/**
 * Durations and instants as whole microseconds. One unit everywhere, so that seconds (VRRPv2), centiseconds (VRRPv3)
 * and milliseconds (probes) cannot be mixed up. Instants are monotonic: they compare with each other and say nothing
 * about the wall clock.
 */
export type Micros = number & { readonly __unit: 'microseconds' }

/** Rounds up to a whole microsecond: a protocol timer may fire late by a fraction, never early. */
export const micros = (value: number): Micros => Math.ceil(value) as Micros
export const fromMillis = (ms: number): Micros => micros(ms * 1_000)
export const fromSeconds = (s: number): Micros => micros(s * 1_000_000)
export const toMillis = (t: Micros): number => t / 1_000
export const toSeconds = (t: Micros): number => t / 1_000_000
export const plus = (a: Micros, b: Micros): Micros => (a + b) as Micros
export const minus = (a: Micros, b: Micros): Micros => (a - b) as Micros
export const ZERO = 0 as Micros

/** The earlier of two deadlines, either of which may be absent. */
export const earliest = (a: Micros | undefined, b: Micros | undefined): Micros | undefined =>
  a === undefined ? b : b === undefined || a <= b ? a : b

const UNITS: readonly (readonly [string, number])[] = [
  ['us', 1],
  ['ms', 1_000],
  ['s', 1_000_000],
  ['m', 60_000_000],
  ['h', 3_600_000_000],
]

/** Reads `100ms`, `1s`, `1.5s`, `10m`, `2h`; undefined for anything else (a bare number has no unit and is refused). */
export function parseDuration(text: string): Micros | undefined {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(text.trim())
  const factor = UNITS.find(([unit]) => unit === match?.[2])?.[1]
  return match?.[1] === undefined || factor === undefined ? undefined : micros(Number(match[1]) * factor)
}

/** One number and a unit, which `parseDuration` reads back exactly (`formatDuration` writes `1m 0s`, for people). */
export const durationText = (duration: Micros): string => {
  if (duration % 1_000_000 === 0) return `${duration / 1_000_000}s`
  return duration % 1_000 === 0 ? `${duration / 1_000}ms` : `${duration}us`
}

/** Shortest form for people: `850us`, `43.2ms`, `3.609s`, `4m 10s`, `2h 5m`, `3d 4h`. */
export function formatDuration(t: Micros): string {
  if (t < 0) return `-${formatDuration(-t as Micros)}`
  if (t < 1_000) return `${t}us`
  if (t < 1_000_000) return `${trim(t / 1_000)}ms`
  if (t < 60_000_000) return `${trim(t / 1_000_000)}s`
  const seconds = Math.floor(t / 1_000_000)
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ]
  if (days > 0) return `${days}d ${hours}h`
  if (hours > 0) return `${hours}h ${minutes}m`
  return `${minutes}m ${seconds % 60}s`
}

const trim = (value: number): string => String(Number(value.toFixed(value < 100 ? 3 : 1)))
