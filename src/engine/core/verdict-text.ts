import { assertNever } from '../../shared/errors.ts'
import { formatDuration, type Micros, micros } from '../../shared/units.ts'
import type { Missing, Verdict } from './verdict.ts'

/** A verdict as people read it: what this node does about the addresses, and what would change it. */
export function describeVerdict(verdict: Verdict, now: Micros): string {
  switch (verdict.kind) {
    case 'out':
      return 'takes no part'
    case 'grace':
      return `listens for ${left(verdict.until, now)} more before it may claim`
    case 'transferring':
      return `a transfer with ${verdict.with} is under way`
    case 'conflict':
      return verdict.why ?? `${verdict.with} holds the addresses too, and is to let go`
    case 'lost-quorum':
      return verdict.reason
    case 'offer':
      return `hands the addresses over to ${verdict.to}, which asks for them`
    case 'master':
      return 'holds the addresses; lets go for a better node, a fault, or an administrator'
    case 'voted':
      return `has voted for ${verdict.for}; claims nothing itself for ${left(verdict.until, now)}`
    case 'follow':
      return `${verdict.node} holds the addresses; claims when it lets go, or is silent for too long`
    case 'waiting':
      return verdict.until === undefined
        ? 'waits for adverts; claims when none comes for too long'
        : `claims in ${left(verdict.until, now)}: so long it has promised to wait`
    case 'candidate':
      return `would claim: ${describeMissing(verdict.missing)}`
    case 'claim':
      return 'claims the addresses'
    default:
      return assertNever(verdict)
  }
}

function describeMissing(missing: Missing): string {
  if (missing.kind !== 'votes') return missing.text
  return missing.of.length === 0
    ? 'lets the other nodes hear of it first'
    : `waits for the vote of ${missing.of.join(' and ')}`
}

const left = (until: Micros, now: Micros): string => formatDuration(micros(Math.max(0, until - now)))
