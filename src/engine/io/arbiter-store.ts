import { err, type Result } from '../../shared/result.ts'
import type { Micros } from '../../shared/units.ts'
import type { ArbiterFailure, ArbiterGrant, ArbiterView } from '../peer/witness.ts'
import type { TlsFiles } from './http-exchange.ts'

/** What a kind of arbiter implements; the port adds order and time limits. Each call resolves when `signal` aborts. */
export type ArbiterStore = {
  readonly acquire: (holder: string, ttl: Micros, signal: AbortSignal) => Promise<Result<ArbiterGrant, ArbiterFailure>>
  readonly renew: (holder: string, ttl: Micros, signal: AbortSignal) => Promise<Result<ArbiterGrant, ArbiterFailure>>
  readonly release: (holder: string, signal: AbortSignal) => Promise<Result<void, ArbiterFailure>>
  readonly look: (holder: string, signal: AbortSignal) => Promise<Result<ArbiterView, ArbiterFailure>>
}

export type StoreOptions = {
  readonly tls: TlsFiles
  readonly login: { readonly user: string; readonly password: string } | undefined
  /** Names this boot of this box: what carries another one is somebody else's, also under the same name. */
  readonly token: string
  /** For one whole call. */
  readonly timeout: Micros
  /** Monotonic. */
  readonly now: () => Micros
}

export const unreachable = (
  detail: string,
): { readonly ok: false; readonly error: ArbiterFailure & { readonly kind: 'unreachable' } } =>
  err({ kind: 'unreachable', detail })
