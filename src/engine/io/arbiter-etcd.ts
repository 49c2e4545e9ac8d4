import { err, ok, type Result } from '../../shared/result.ts'
import { type Micros, plus, toSeconds } from '../../shared/units.ts'
import {
  base64,
  type EtcdEntry,
  type EtcdValue,
  formatValue,
  parseGrant,
  parseRange,
  parseTxn,
  parseValue,
} from '../peer/etcd-answers.ts'
import { ownTerm } from '../peer/lease.ts'
import type { ArbiterFailure, ArbiterGrant } from '../peer/witness.ts'
import { type ArbiterStore, type StoreOptions, unreachable } from './arbiter-store.ts'
import { createEtcdCaller } from './etcd-call.ts'

/** Attempts while others write, too. */
const ATTEMPTS = 3
/** As if the key had been put by this revision: there is none. */
const ABSENT = '0'

type Known = { readonly revision: string; readonly value: EtcdValue | undefined }

/**
 * A lease as one key of etcd, version 3.4 or later. Each renewal grants a lease of etcd's of its own and puts the key
 * under it, by consensus: a keepalive may be answered by a leader that is none any more, and such a leader may revoke what
 * it believes to have run out (etcd issue 15247, in versions before 3.4.31 and 3.5.13). What is left behind runs out.
 */
export function createEtcdStore(endpoints: readonly string[], key: string, options: StoreOptions): ArbiterStore {
  const { token, now } = options
  const call = createEtcdCaller(endpoints, options)
  const name = base64(key)
  let mine: string | undefined

  const read = async (signal: AbortSignal): Promise<Result<Known, ArbiterFailure>> => {
    const entry = await call('/v3/kv/range', { key: name }, parseRange, signal)
    return entry.ok ? ok(known(entry.value)) : entry
  }
  const isOurs = ({ value }: Known, holder: string): boolean => value?.holder === holder && value.token === token
  const swap = (revision: string, success: object, signal: AbortSignal) => {
    const compare = [{ key: name, target: 'MOD', result: 'EQUAL', mod_revision: revision }]
    const failure = [{ request_range: { key: name } }]
    return call('/v3/kv/txn', { compare, success: [success], failure }, parseTxn, signal)
  }
  /** Undefined: it was not as it is told to be in `revision`. */
  const write = async (
    revision: string,
    holder: string,
    ttl: Micros,
    signal: AbortSignal,
  ): Promise<Result<ArbiterGrant | Known, ArbiterFailure>> => {
    const begun = now()
    const granted = await call('/v3/lease/grant', { TTL: String(Math.ceil(toSeconds(ttl))) }, parseGrant, signal)
    if (!granted.ok) return granted
    const { id } = granted.value
    const value = formatValue({ holder, token, nonce: id })
    const done = await swap(revision, { request_put: { key: name, value: base64(value), lease: id } }, signal)
    mine = undefined
    if (!done.ok) return done
    const there = done.value.kind === 'done' ? undefined : known(done.value.entry)
    // Done by a request whose answer did not come: the nonce is ours alone.
    if (there !== undefined && there.value?.nonce !== id) return ok(there)
    mine = done.value.kind === 'done' ? done.value.revision : there?.revision
    return ok({ expiresAt: plus(begun, ownTerm(shorter(ttl, granted.value.ttl))) })
  }
  const take = async (
    from: Known,
    holder: string,
    ttl: Micros,
    free: 'take' | 'gone',
    signal: AbortSignal,
  ): Promise<Result<ArbiterGrant, ArbiterFailure>> => {
    let there = from
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      if (there.revision === ABSENT && free === 'gone') return err({ kind: 'gone' })
      if (there.revision !== ABSENT && !isOurs(there, holder)) return err(heldBy(there))
      const written = await write(there.revision, holder, ttl, signal)
      if (!written.ok) return written
      if ('expiresAt' in written.value) return ok(written.value)
      there = written.value
    }
    return unreachable('others write to it all the time')
  }
  const takeFrom = async (holder: string, ttl: Micros, free: 'take' | 'gone', signal: AbortSignal) => {
    const there = await read(signal)
    return there.ok ? take(there.value, holder, ttl, free, signal) : there
  }
  return {
    acquire: (holder, ttl, signal) => takeFrom(holder, ttl, 'take', signal),
    renew: (holder, ttl, signal) => {
      if (mine === undefined) return takeFrom(holder, ttl, 'gone', signal)
      return take({ revision: mine, value: { holder, token, nonce: '-' } }, holder, ttl, 'gone', signal)
    },
    release: async (holder, signal) => {
      mine = undefined
      const there = await read(signal)
      if (!there.ok) return there
      if (!isOurs(there.value, holder)) return ok(undefined)
      const done = await swap(there.value.revision, { request_delete_range: { key: name } }, signal)
      return done.ok ? ok(undefined) : done
    },
    look: async (holder, signal) => {
      const there = await read(signal)
      if (!there.ok) return there
      return ok(there.value.revision === ABSENT || isOurs(there.value, holder) ? { kind: 'free' } : heldBy(there.value))
    },
  }
}

const known = (entry: EtcdEntry | undefined): Known =>
  entry === undefined
    ? { revision: ABSENT, value: undefined }
    : { revision: entry.revision, value: parseValue(entry.value) }

/** etcd's own clock says when it ends, and tells at once. */
const heldBy = ({ value }: Known): ArbiterFailure & { readonly kind: 'held' } => ({
  kind: 'held',
  by: value?.holder ?? 'something that is no lease of haup',
  forMs: 0,
})

const shorter = (a: Micros, b: Micros): Micros => (a < b ? a : b)
