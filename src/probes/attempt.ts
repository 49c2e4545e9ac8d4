import { messageOf } from '../shared/errors.ts'
import { formatDuration, type Micros, micros } from '../shared/units.ts'

/** What one probe found; `runProbe` adds its name and how long it took. */
export type Verdict = {
  readonly ok: boolean
  readonly detail: string
  /** The server answered, and wrongly. */
  readonly answered?: true
  /** It has not even accepted the connection. */
  readonly hung?: true
}

/**
 * What bounds a probe: when `signal` aborts, it lets go of everything and answers at once. `limit` is the time that
 * the signal grants, for its words ("no answer within 1s"). `hungAfter`: a connection that the server has not accepted by
 * then is answered for at once.
 */
export type Bounds = { readonly limit: Micros; readonly signal: AbortSignal; readonly hungAfter?: Micros | undefined }

export const good = (detail: string): Verdict => ({ ok: true, detail })
export const bad = (detail: string): Verdict => ({ ok: false, detail })
export const hung = (detail: string): Verdict => ({ ok: false, detail, hung: true })
export const wrong = (detail: string): Verdict => ({ ok: false, detail, answered: true })

/** `no answer within 1s`. */
export const within = (what: string, bounds: Bounds): string => `${what} within ${formatDuration(bounds.limit)}`

/** Starts to measure; the function it returns gives the time since then, to a tenth of a millisecond. */
export function stopwatch(): () => Micros {
  const begin = performance.now()
  return () => micros(Math.round((performance.now() - begin) * 10) * 100)
}

/** A network failure in few words, from the error's code; the message itself where the code is not known. */
export function describeNetworkError(thrown: unknown): string {
  if (thrown instanceof AggregateError) return describeNetworkError(thrown.errors.at(-1))
  const code = codeOf(thrown)
  const known = NETWORK_ERRORS[code]
  if (known !== undefined) return known
  return code.startsWith('HPE_') ? `not an HTTP answer (${messageOf(thrown)})` : messageOf(thrown)
}

/** The `code` of a system error, whichever context it comes from; empty when it has none. */
export const codeOf = (thrown: unknown): string =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : ''

const NETWORK_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed by the server',
  ETIMEDOUT: 'host does not answer',
  EHOSTUNREACH: 'host unreachable',
  EHOSTDOWN: 'host is down',
  ENETUNREACH: 'network unreachable',
  EADDRNOTAVAIL: 'address not available',
  EMFILE: 'too many open files (EMFILE)',
  ENFILE: 'too many open files (ENFILE)',
  ENOTFOUND: 'name not found',
  EAI_AGAIN: 'name service does not answer',
  EPROTO: 'not a TLS answer',
  CERT_HAS_EXPIRED: 'certificate has expired',
  CERT_NOT_YET_VALID: 'certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate chain is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate is not signed by a known CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate is not signed by a known CA',
}
