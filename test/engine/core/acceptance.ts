import type { Micros } from '../../../src/shared/units.ts'

type Change = { readonly at: Micros; readonly who: readonly string[] }

/** Who accepted at which time, in a simulation. */
export function createAcceptance() {
  const changes: Change[] = []
  return {
    note: (at: Micros, who: readonly string[]): void => {
      if (changes.at(-1)?.who.join() !== who.join()) changes.push({ at, who })
    },
    /** Longest time without anybody who accepts in ms, and when two did, from then until now. */
    since: (from: Micros, now: Micros) => {
      const spans = changes.map((each, index) => ({ ...each, until: changes[index + 1]?.at ?? now }))
      const seen = spans.filter(({ until }) => until > from)
      const gaps = seen.filter(({ who }) => who.length === 0).map(({ at, until }) => until - Math.max(at, from))
      return { gap: Math.max(0, ...gaps) / 1_000, doubles: seen.filter(({ who }) => who.length > 1) }
    },
  }
}
