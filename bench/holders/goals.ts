import type { Medians } from './medians.ts'

/** What haup promises when something breaks, and whether medians keep it. PURE. */

/** The resolution of the witness: a clean hand-over may show one look with both. */
export const LOOK_MS = 10
/** An outage is measured between the starts of two requests of a client that begins one every 10 ms. */
const CLIENT_MS = 20

export type Goal = 'replaced-in-100ms' | 'replaced-in-50ms' | 'undisturbed' | 'never-two' | 'heal-in-200ms' | 'none'

type Promised = { readonly words: string; readonly isMet: (of: Medians) => boolean }

const isNeverTwo = ({ twoMs = 0 }: Medians): boolean => twoMs <= LOOK_MS

export const GOALS: Readonly<Record<Goal, Promised>> = {
  'replaced-in-100ms': {
    words: 'closed in 50 ms, out 100 ms, never two',
    isMet: (of) => isNeverTwo(of) && (of.closedAfterMs ?? 0) <= 50 + LOOK_MS && (of.outageMs ?? 0) <= 100 + CLIENT_MS,
  },
  'replaced-in-50ms': {
    words: 'out 50 ms, heal 200 ms, never two',
    isMet: (of) => isNeverTwo(of) && (of.outageMs ?? 0) <= 50 + CLIENT_MS && (of.healOutageMs ?? 0) <= 200 + LOOK_MS,
  },
  undisturbed: { words: 'nothing happens', isMet: (of) => isNeverTwo(of) && (of.outageMs ?? 0) === 0 },
  'never-two': { words: 'never two', isMet: isNeverTwo },
  'heal-in-200ms': {
    words: 'never two, heal 200 ms',
    isMet: (of) => isNeverTwo(of) && (of.healOutageMs ?? 0) <= 200 + LOOK_MS,
  },
  none: { words: '', isMet: () => true },
}
