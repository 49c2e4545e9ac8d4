import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { assertNever } from '../../shared/errors.ts'
import type { Result } from '../../shared/result.ts'
import { toMillis } from '../../shared/units.ts'
import type { ArbiterFailure, ArbiterPort } from '../peer/witness.ts'
import { createEtcdStore } from './arbiter-etcd.ts'
import { createHttpStore } from './arbiter-http.ts'
import { type ArbiterStore, type StoreOptions, unreachable } from './arbiter-store.ts'

export type ArbiterPlace =
  /** A folder: below it stands one resource for each lease, and one of each node's own to try the server out. */
  | { readonly kind: 'http'; readonly url: string }
  /** The key is `<prefix>/<lease>`. */
  | { readonly kind: 'etcd'; readonly endpoints: readonly string[]; readonly prefix: string }

/** The port of one lease; `name` is one path segment: an instance's name. */
export const openArbiter = (place: ArbiterPlace, name: string, options: StoreOptions): ArbiterPort =>
  createArbiterPort(createStore(place, name, options), options)

/** One call at a time, each with a limit. */
export function createArbiterPort(store: ArbiterStore, { timeout }: Pick<StoreOptions, 'timeout'>): ArbiterPort {
  const closed = new AbortController()
  let last: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(
    call: (signal: AbortSignal) => Promise<Result<T, ArbiterFailure>>,
  ): Promise<Result<T, ArbiterFailure>> => {
    const turn = last.then(() => bounded(call))
    last = turn.catch(() => undefined)
    return turn
  }
  const bounded = async <T>(
    call: (signal: AbortSignal) => Promise<Result<T, ArbiterFailure>>,
  ): Promise<Result<T, ArbiterFailure>> => {
    if (closed.signal.aborted) return unreachable('the port is closed')
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), toMillis(timeout))
    try {
      return await call(AbortSignal.any([closed.signal, late.signal]))
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    acquire: (holder, ttl) => inTurn((signal) => store.acquire(holder, ttl, signal)),
    renew: (holder, ttl) => inTurn((signal) => store.renew(holder, ttl, signal)),
    release: (holder) => inTurn((signal) => store.release(holder, signal)),
    look: (holder) => inTurn((signal) => store.look(holder, signal)),
    close: () => closed.abort(),
  }
}

function createStore(place: ArbiterPlace, name: string, options: StoreOptions): ArbiterStore {
  switch (place.kind) {
    case 'http':
      return createHttpStore(`${place.url.replace(/\/+$/, '')}/${encodeURIComponent(name)}`, options)
    case 'etcd':
      return createEtcdStore(place.endpoints, `${place.prefix.replace(/\/+$/, '')}/${name}`, options)
    default:
      return assertNever(place)
  }
}

/**
 * Names this boot of this box and its network namespace, in which one engine runs at a time: what an earlier engine of it
 * has left is ours, since that one is dead and its gate closed.
 */
export function bootToken(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const namespace = statSync('/proc/self/ns/net', { bigint: true }).ino
  return createHash('sha256').update(`${boot} ${namespace}`).digest('hex').slice(0, 32)
}
