import type { Micros } from '../../shared/units.ts'
import { isLater, type PeerFacts, type PeerHead, type PeerInstance, type Row } from './types.ts'

/**
 * What a node has told of one instance. PURE. Each instance is told of on its own, in some datagram of many: what counts for it
 * is when *that* was heard and what it acknowledged, not that the node is heard at all.
 */

/** The instants are those of the newest report that told of the instance. */
export type Told = Pick<PeerFacts, 'node' | 'head' | 'heardAt' | 'provenAt' | 'metAt' | 'unprovenAt' | 'paths'> & {
  /** Undefined: it was not heard, or has no such instance. */
  readonly says: PeerInstance | undefined
  /** When a connection to its engine ended without a farewell, if nothing at all was heard of it since. */
  readonly brokenAt: Micros | undefined
}

export function toldOf(facts: PeerFacts, instance: string): Told {
  const { node, unprovenAt, paths, brokenAt, heardAt } = facts
  const row = facts.instances.get(instance)
  const isBroken = brokenAt !== undefined && (heardAt === undefined || brokenAt >= heardAt)
  const common = { node, unprovenAt, paths, brokenAt: isBroken ? brokenAt : undefined, says: row?.says }
  if (row !== undefined) {
    return { ...common, head: facts.head, heardAt: row.heardAt, provenAt: row.provenAt, metAt: row.metAt }
  }
  // It may have the instance and not have told of it yet: then nothing is known.
  if (!isWhole(facts)) return { ...common, ...UNTOLD }
  return { ...common, head: facts.head, heardAt, provenAt: facts.provenAt, metAt: facts.metAt }
}

const UNTOLD = { head: undefined, heardAt: undefined, provenAt: undefined, metAt: undefined }

/** It has told of all its instances. */
export const isWhole = ({ head, instances }: Pick<PeerFacts, 'head' | 'instances'>): boolean =>
  head !== undefined && countOf(instances, head) >= head.roster.instances

/** What is told by the present roster is counted; while that is not all, what was told by an earlier one stays. */
function countOf(rows: ReadonlyMap<string, Row<unknown>>, { roster }: PeerHead): number {
  let count = 0
  for (const row of rows.values()) if (row.roster === roster.digest) count += 1
  return count
}

type Hearing = Pick<Row<unknown>, 'provenAt' | 'heardAt' | 'order'> & { readonly head: PeerHead }

/** More than any node has, several times over. */
const MOST_ROWS = 20_000

/** The rows after a report. Those that are no more on the roster go when all others have come. */
export function withRows<T extends { readonly name: string }>(
  rows: ReadonlyMap<string, Row<T>>,
  told: readonly T[],
  { head: { roster }, provenAt, heardAt, order }: Hearing,
  expected: number,
  metAt: (row: Row<T> | undefined) => Micros,
): ReadonlyMap<string, Row<T>> {
  if (told.length === 0 && rows.size === expected) return rows
  const next = new Map(rows)
  for (const says of told) {
    const before = rows.get(says.name)
    if (!isLater(order, before?.order)) continue
    next.set(says.name, { says, provenAt, heardAt, order, metAt: metAt(before), roster: roster.digest })
  }
  if (next.size <= expected) return next
  const present = [...next].filter(([, row]) => row.roster === roster.digest)
  return present.length >= expected || next.size > MOST_ROWS ? new Map(present.slice(-expected)) : next
}
