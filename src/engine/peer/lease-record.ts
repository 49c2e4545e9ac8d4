import { err, ok, type Result } from '../../shared/result.ts'
import { fromMillis, type Micros, minus, plus, toMillis } from '../../shared/units.ts'
import { foreignTerm } from './lease.ts'

/** PURE: the lease as it stands at an HTTP store, and what of it can be concluded without a common clock. */

export type LeaseRecord = {
  /** Undefined: nobody's, but only after `ttl`: a record that was newly made, since an old one may have been lost. */
  readonly holder: string | undefined
  /** Whose, more exactly: one boot of one box. A clone of a box bears its name, and not its token. */
  readonly token: string
  readonly ttl: Micros
  /** Another one with each renewal, so that the ETag is another one, too. */
  readonly count: number
}

const FORMAT = 1
const LONGEST_TTL_MS = 24 * 3_600_000
const MOST_TEXT = 2_048
const NAME = /^[\x21-\x7e]{1,128}$/

export const formatRecord = ({ holder, token, ttl, count }: LeaseRecord): string =>
  `${JSON.stringify({ haup_lease: FORMAT, holder: holder ?? null, token, ttl_ms: toMillis(ttl), count })}\n`

/** The error says what is wrong with it; nobody overwrites what is no lease. */
export function parseRecord(text: string): Result<LeaseRecord, string> {
  const content = text.length > MOST_TEXT ? undefined : parseJson(text)
  if (!isRecord(content) || content.haup_lease !== FORMAT) return err('it holds something that is no lease of haup')
  const { holder, token, ttl_ms: ttl, count } = content
  if (holder !== null && !isName(holder)) return err('the lease has no valid holder')
  if (token !== '' && !isName(token)) return err('the lease has no valid token')
  if (typeof ttl !== 'number' || !(ttl >= 0 && ttl <= LONGEST_TTL_MS)) return err('the lease has no valid ttl_ms')
  if (!Number.isSafeInteger(count)) return err('the lease has no valid count')
  return ok({ holder: holder ?? undefined, token, ttl: fromMillis(ttl), count: Number(count) })
}

/** A version of the record, and when it was seen first by our clock (after the answer had come). */
export type Sighting = { readonly etag: string; readonly at: Micros }

/** Time counts for as long as the ETag stays. */
export const sight = (before: Sighting | undefined, etag: string, now: Micros): Sighting =>
  before?.etag === etag ? before : { etag, at: now }

/** How long the record must still stay unchanged before its holder has lost it for sure; 0 or less: it has. */
export const leftOf = (record: LeaseRecord, sighting: Sighting, now: Micros): Micros =>
  record.ttl === 0 ? fromMillis(0) : minus(plus(sighting.at, foreignTerm(record.ttl)), now)

export const isOf = (record: LeaseRecord, holder: string, token: string): boolean =>
  record.holder === holder && record.token === token

/**
 * A strong entity tag; a weak one stands for several contents (RFC 9110 8.8.3). Undefined when there is none, or one that
 * could not be sent back.
 */
export const strongEtag = (header: string | undefined): string | undefined =>
  header !== undefined && header.length <= 256 && /^"[\x21\x23-\x7e]*"$/.test(header) ? header : undefined

const isName = (value: unknown): value is string => typeof value === 'string' && NAME.test(value)

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
