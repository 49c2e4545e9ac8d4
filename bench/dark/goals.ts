import type { Figures } from './measure.ts'

/** What haup promises in each row. PURE. */
export type Goal =
  /** No client notices anything. */
  | { readonly kind: 'undisturbed' }
  /** Somebody serves again within this time, whatever goes on: all clients, or those of one side. */
  | { readonly kind: 'within'; readonly ms: number; readonly twoMs?: number; readonly sides?: 'one' }
  /** No longer than the keepalived pair on the same line. */
  | { readonly kind: 'as-keepalived' }

/** Resolution of the witness: a clean hand-over may show one look with both. */
const LOOK_MS = 10
/** Of a client that begins a request every 10 ms. */
const CLIENT_MS = 20

export function isMet(goal: Goal, haup: Figures, keepalived: Figures | undefined): boolean {
  const gapMs = Math.max(...haup.gapsMs)
  switch (goal.kind) {
    case 'undisturbed':
      return gapMs === 0 && haup.twoMs <= LOOK_MS
    case 'within':
      return (
        (goal.sides === 'one' ? Math.min(...haup.gapsMs) : gapMs) <= goal.ms + CLIENT_MS &&
        haup.twoMs <= (goal.twoMs ?? 0) + LOOK_MS
      )
    case 'as-keepalived':
      return keepalived === undefined || gapMs <= Math.max(...keepalived.gapsMs) + CLIENT_MS
  }
}

export function describeGoal(goal: Goal): string {
  switch (goal.kind) {
    case 'undisturbed':
      return 'nobody notices'
    case 'within':
      return `${goal.sides === 'one' ? 'one side ' : ''}served within ${goal.ms} ms, ${goal.twoMs === undefined ? 'never two' : `two for ${goal.twoMs} ms`}`
    case 'as-keepalived':
      return "at most keepalived's gap"
  }
}
