import { err, ok, type Result } from '../../shared/result.ts'
import { fromMillis, type Micros, plus, toMillis } from '../../shared/units.ts'
import { ownTerm } from '../peer/lease.ts'
import { formatRecord, isOf, leftOf, type Sighting, sight } from '../peer/lease-record.ts'
import type { ArbiterFailure, ArbiterGrant, ArbiterView } from '../peer/witness.ts'
import { proveServer } from './arbiter-proof.ts'
import { type ArbiterStore, type StoreOptions, unreachable } from './arbiter-store.ts'
import { createResource, type Found } from './http-resource.ts'

/** Attempts while others write, too. */
const ATTEMPTS = 4

/**
 * A lease as one resource of an HTTP server that gives strong ETags and compares If-Match and If-None-Match while it
 * writes (RFC 9110 13.1). Nobody's clock is asked: somebody else's lease has run out when its ETag has not changed for
 * its whole time by our own clock.
 */
export function createHttpStore(url: string, options: StoreOptions): ArbiterStore {
  const { token, now } = options
  const resource = createResource(url, options)
  let sighting: Sighting | undefined
  let mine: Found | undefined
  let proven = false

  const read = async (signal: AbortSignal): Promise<Result<Found | undefined, ArbiterFailure>> => {
    const found = await resource.read(signal)
    if (found.ok) sighting = found.value === undefined ? undefined : sight(sighting, found.value.etag, now())
    return found
  }
  const heldBy = ({ record, etag }: Found): ArbiterFailure & { readonly kind: 'held' } => {
    const left = leftOf(record, sight(sighting, etag, now()), now())
    return { kind: 'held', by: record.holder ?? NEWLY_MADE, forMs: Math.ceil(toMillis(left)) }
  }
  const write = async (found: Found, holder: string, ttl: Micros, signal: AbortSignal) => {
    const record = { holder, token, ttl, count: found.record.count + 1 }
    const begun = now()
    const put = await resource.put(formatRecord(record), { 'if-match': found.etag }, signal)
    mine = undefined
    if (!put.ok) return put
    if (put.value.kind === 'refused') return ok(undefined)
    if (put.value.etag !== undefined) mine = { etag: put.value.etag, record }
    return ok({ expiresAt: plus(begun, ownTerm(ttl)) })
  }
  /** Once in this port's life, and before it is needed. */
  const prove = async (holder: string, signal: AbortSignal): Promise<Result<void, ArbiterFailure>> => {
    if (proven) return ok(undefined)
    const proof = await proveServer(createResource(`${url}.check-${holder}`, options), signal)
    proven = proof.ok
    return proof
  }
  const attempt = async (holder: string, ttl: Micros, signal: AbortSignal): Promise<Attempt> => {
    const proof = await prove(holder, signal)
    if (!proof.ok) return proof
    const found = await read(signal)
    if (!found.ok) return found
    if (found.value === undefined) {
      const fresh = formatRecord({ holder: undefined, token: '', ttl, count: 0 })
      const made = await resource.put(fresh, { 'if-none-match': '*' }, signal)
      return made.ok ? ok(undefined) : made
    }
    const held = heldBy(found.value)
    if (!isOf(found.value.record, holder, token) && held.forMs > 0) return err(held)
    return write(found.value, holder, ttl, signal)
  }
  const renewOnce = async (holder: string, ttl: Micros, signal: AbortSignal): Promise<Attempt> => {
    const known = mine
    const found = known === undefined ? await read(signal) : ok(known)
    if (!found.ok) return found
    if (found.value === undefined) return err({ kind: 'gone' })
    if (isOf(found.value.record, holder, token)) return write(found.value, holder, ttl, signal)
    return err(found.value.record.holder === undefined ? { kind: 'gone' } : heldBy(found.value))
  }
  return {
    acquire: (holder, ttl, signal) => insist(() => attempt(holder, ttl, signal)),
    renew: (holder, ttl, signal) => insist(() => renewOnce(holder, ttl, signal)),
    release: async (holder, signal) => {
      const found = await read(signal)
      mine = undefined
      if (!found.ok) return found
      if (found.value === undefined || !isOf(found.value.record, holder, token)) return ok(undefined)
      const free = { holder: undefined, token: '', ttl: fromMillis(0), count: found.value.record.count + 1 }
      const put = await resource.put(formatRecord(free), { 'if-match': found.value.etag }, signal)
      return put.ok ? ok(undefined) : put
    },
    look: async (holder, signal): Promise<Result<ArbiterView, ArbiterFailure>> => {
      const proof = await prove(holder, signal)
      if (!proof.ok) return proof
      const found = await read(signal)
      if (!found.ok) return found
      if (found.value === undefined || isOf(found.value.record, holder, token)) return ok({ kind: 'free' })
      const held = heldBy(found.value)
      return ok(held.forMs <= 0 ? { kind: 'free' } : held)
    },
  }
}

/** As a holder's name in texts. */
const NEWLY_MADE = 'nobody yet (the record is new)'

/** Undefined: something changed meanwhile, look again. */
type Attempt = Result<ArbiterGrant | undefined, ArbiterFailure>

async function insist(once: () => Promise<Attempt>): Promise<Result<ArbiterGrant, ArbiterFailure>> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const done = await once()
    if (!done.ok) return done
    if (done.value !== undefined) return ok(done.value)
  }
  return unreachable('others write to it all the time')
}
