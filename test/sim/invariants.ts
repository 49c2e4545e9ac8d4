import { LAST_RESORT } from '../../src/engine/vrrp/types.ts'
import { compareIpv4 } from '../../src/shared/ip.ts'
import { formatDuration, type Micros, micros, plus } from '../../src/shared/units.ts'
import type { Limits } from './cluster.ts'
import type { Heard, Trace, TraceEntry } from './trace.ts'

/** What must hold in every history; each check returns what is wrong in words, nothing when all is well. */

export type Holding = { readonly node: string; readonly from: Micros; readonly to: Micros }

/** When each node held the address; one that still does holds it until `end`. */
export function holdings(trace: Trace, end: Micros): Holding[] {
  const since = new Map<string, Micros>()
  const found: Holding[] = []
  for (const entry of trace) {
    if (entry.kind === 'bound') since.set(entry.node, entry.at)
    const from = since.get(entry.node)
    if (entry.kind !== 'unbound' || from === undefined) continue
    found.push({ node: entry.node, from, to: entry.at })
    since.delete(entry.node)
  }
  for (const [node, from] of since) found.push({ node, from, to: end })
  return found
}

/** Two holders never overlap for longer than `limit`. */
export function checkOverlaps(trace: Trace, end: Micros, limit: Micros): string[] {
  const held = holdings(trace, end)
  const problems: string[] = []
  for (const [index, a] of held.entries()) {
    for (const b of held.slice(index + 1)) {
      if (a.node === b.node) continue
      const overlap = micros(Math.min(a.to, b.to) - Math.max(a.from, b.from))
      if (overlap <= limit) continue
      const at = formatDuration(micros(Math.max(a.from, b.from)))
      problems.push(
        `${a.node} and ${b.node} both hold for ${formatDuration(overlap)} from ${at}, limit ${formatDuration(limit)}`,
      )
    }
  }
  return problems
}

/** A node that left by its own will at `at` had let go before anybody else held the address. */
export function checkCleanHandOver(trace: Trace, left: string, at: Micros, end: Micros): string[] {
  const held = holdings(trace, end)
  const last = held.find(({ node, from, to }) => node === left && from <= at && to >= at)
  const early = held.find(({ node, from }) => node !== left && last !== undefined && from >= at && from < last.to)
  return early === undefined ? [] : [`${early.node} held before ${left} had let go at ${formatDuration(at)}`]
}

/** Without preemption only an owner, or a master that cannot serve, makes somebody preempt. */
export function checkNoPreemption(trace: Trace, owners: readonly string[]): string[] {
  return trace.flatMap((entry) => {
    if (entry.kind !== 'state' || entry.cause.kind !== 'preempted') return []
    const { address, priority } = entry.cause.from
    if (priority === LAST_RESORT || owners.includes(entry.node)) return []
    return [`${entry.node} preempted ${address} (priority ${priority}) at ${formatDuration(entry.at)}`]
  })
}

const rank = (heard: Heard): number =>
  heard.priority - heard.ours.priority || compareIpv4(heard.from, heard.ours.address)

/**
 * A master that a stronger one's advert reaches has let go in time: overlaps end with the delivery of that advert. It may
 * claim anew later, when a release overtaken by that advert arrives.
 */
export function checkYields(trace: Trace, end: Micros, { release }: Limits): string[] {
  return heardByMasters(trace).flatMap(({ entry, following }) => {
    const deadline = plus(entry.arrivedAt, release)
    if (rank(entry) <= 0 || deadline > end) return []
    let holds = boundAt(trace, entry.node, entry.at)
    for (const later of following) {
      if (later.at > deadline) break
      if (later.kind === 'bound') holds = true
      const claimsAnew = later.kind === 'state' && later.to === 'master'
      if (later.kind === 'unbound' || claimsAnew) holds = false
      if (claimsAnew) break
    }
    return holds ? [`${entry.node} still holds ${formatDuration(release)} after the advert of ${entry.from}`] : []
  })
}

/** A master that a weaker one's advert reaches says so in time, unless it has gone itself. */
export function checkAnswers(trace: Trace, end: Micros, limits: Limits): string[] {
  const within = micros(limits.interval / 4 + limits.interval / 100 + limits.release)
  return heardByMasters(trace).flatMap(({ entry, following }) => {
    const deadline = plus(entry.at, within)
    if (rank(entry) >= 0 || deadline > end) return []
    const answered = following.some(
      (later) => later.at <= deadline && (later.kind === 'sent' || later.kind === 'state' || later.kind === 'happened'),
    )
    return answered
      ? []
      : [`${entry.node} leaves the advert of ${entry.from} at ${formatDuration(entry.at)} unanswered`]
  })
}

type HeardEntry = TraceEntry & Heard

/** Each advert that found a master, with what that node did afterwards. */
function heardByMasters(trace: Trace): { entry: HeardEntry; following: TraceEntry[] }[] {
  const found: { entry: HeardEntry; following: TraceEntry[] }[] = []
  for (const [index, entry] of trace.entries()) {
    if (entry.kind !== 'heard' || entry.role !== 'master') continue
    found.push({ entry, following: trace.slice(index + 1).filter((later) => later.node === entry.node) })
  }
  return found
}

const boundAt = (trace: Trace, node: string, at: Micros): boolean =>
  trace.findLast(
    (entry) => entry.node === node && entry.at <= at && (entry.kind === 'bound' || entry.kind === 'unbound'),
  )?.kind === 'bound'

/** From `from` on one node holds the address, and always the same. */
export function checkSettled(trace: Trace, from: Micros, end: Micros): string[] {
  const held = holdings(trace, end).filter((holding) => holding.to > from)
  const [only] = held
  if (held.length === 1 && only !== undefined && only.from <= from && only.to === end) return []
  const list = held.map(({ node, from: since, to }) => `${node} ${formatDuration(since)} to ${formatDuration(to)}`)
  return [`not settled from ${formatDuration(from)} to ${formatDuration(end)}: ${list.join(', ') || 'nobody holds'}`]
}

/** Somebody other than `gone` holds the address within `limit` of `at`. */
export function checkTakeOver(trace: Trace, gone: string, at: Micros, end: Micros, limit: Micros): string[] {
  const next = holdings(trace, end).filter(({ node, to }) => node !== gone && to > at)
  if (next.some(({ from }) => from <= plus(at, limit))) return []
  return [`nobody took over from ${gone} at ${formatDuration(at)} within ${formatDuration(limit)}`]
}
