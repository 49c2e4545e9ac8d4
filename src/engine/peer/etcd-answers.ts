import { printable } from '../../shared/log.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { fromSeconds, type Micros } from '../../shared/units.ts'
import { isRecord, parseJson } from './lease-record.ts'

/**
 * PURE: what etcd's JSON gateway answers (etcd v3 API: rpc.proto, kv.proto; 64-bit numbers are strings, bytes are base64,
 * fields with their zero value are left out). Nothing throws.
 */

export type EtcdEntry = {
  /** As it was put. */
  readonly value: string
  /** The revision that put it; decimal. */
  readonly revision: string
}

/** The holder's name and its token, as the value of the key. `nonce` tells one renewal from the other. */
export type EtcdValue = { readonly holder: string; readonly token: string; readonly nonce: string }

const NAME = /^[\x21-\x7e]{1,128}$/

export const base64 = (text: string): string => btoa(text)

export const formatValue = ({ holder, token, nonce }: EtcdValue): string => JSON.stringify({ holder, token, nonce })

/** Undefined: something that haup has not put there. */
export function parseValue(text: string): EtcdValue | undefined {
  const content = parseJson(text)
  if (!isRecord(content)) return undefined
  const { holder, token, nonce } = content
  return isName(holder) && isName(token) && isName(nonce) ? { holder, token, nonce } : undefined
}

export type Granted = { readonly id: string; readonly ttl: Micros }

export function parseGrant(text: string): Result<Granted, string> {
  const content = parseJson(text)
  if (!isRecord(content)) return err('no answer of etcd')
  const [id, ttl] = [decimal(content.ID), decimal(content.TTL)]
  if (id === undefined || id === '0' || ttl === undefined) return err('etcd grants a lease without ID or TTL')
  const seconds = Number(ttl)
  if (seconds < 1 || seconds > 86_400) return err(`etcd grants a lease for ${seconds} s`)
  return ok({ id, ttl: fromSeconds(seconds) })
}

/** The entry, or undefined when there is none. */
export function parseRange(text: string): Result<EtcdEntry | undefined, string> {
  const content = parseJson(text)
  return isRecord(content) && isRecord(content.header) ? entryOf(content) : err('no answer of etcd')
}

export type TxnAnswer =
  /** Done; the revision of what was put. */
  | { readonly kind: 'done'; readonly revision: string }
  /** The comparison failed; this is there instead. */
  | { readonly kind: 'other'; readonly entry: EtcdEntry | undefined }

export function parseTxn(text: string): Result<TxnAnswer, string> {
  const content = parseJson(text)
  if (!isRecord(content) || !isRecord(content.header)) return err('no answer of etcd')
  if (content.succeeded === true) {
    const revision = decimal(content.header.revision)
    return revision === undefined ? err('etcd tells no revision') : ok({ kind: 'done', revision })
  }
  const [response]: readonly unknown[] = Array.isArray(content.responses) ? content.responses : []
  if (!isRecord(response) || !isRecord(response.response_range)) return err('etcd does not tell what is there instead')
  const entry = entryOf(response.response_range)
  return entry.ok ? ok({ kind: 'other', entry: entry.value }) : entry
}

export function parseToken(text: string): Result<string, string> {
  const content = parseJson(text)
  const token = isRecord(content) ? content.token : undefined
  return typeof token === 'string' && /^[\x21-\x7e]{1,4096}$/.test(token) ? ok(token) : err('etcd gives no token')
}

/** What an answer with an error status says, for people. */
export function describeError(status: number, text: string): string {
  const content = parseJson(text)
  const said = isRecord(content) ? (content.message ?? content.error) : undefined
  return typeof said === 'string' && said !== '' ? `${printable(said, 120)} (status ${status})` : `status ${status}`
}

function entryOf(range: Readonly<Record<string, unknown>>): Result<EtcdEntry | undefined, string> {
  const kvs: unknown = range.kvs ?? []
  if (!Array.isArray(kvs)) return err('no answer of etcd')
  const [entry]: readonly unknown[] = kvs
  if (entry === undefined) return ok(undefined)
  if (!isRecord(entry)) return err('no answer of etcd')
  const [value, revision] = [decode(entry.value ?? ''), decimal(entry.mod_revision)]
  return value === undefined || revision === undefined ? err('etcd tells half an entry') : ok({ value, revision })
}

function decode(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 4_096) return undefined
  try {
    return atob(value)
  } catch {
    return undefined
  }
}

/** A whole number that is not negative, as the gateway writes it. */
const decimal = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{1,19}$/.test(value) ? value : undefined

const isName = (value: unknown): value is string => typeof value === 'string' && NAME.test(value)
