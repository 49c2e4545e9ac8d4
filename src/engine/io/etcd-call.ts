import { err, ok, type Result } from '../../shared/result.ts'
import { toMillis } from '../../shared/units.ts'
import { describeError, parseToken } from '../peer/etcd-answers.ts'
import type { ArbiterFailure } from '../peer/witness.ts'
import { type StoreOptions, unreachable } from './arbiter-store.ts'
import { type HttpAnswer, httpExchange } from './http-exchange.ts'

/** One request of etcd's JSON gateway, at whichever endpoint answers. */
export type EtcdCall = <T>(
  path: string,
  body: object,
  parse: (text: string) => Result<T, string>,
  signal: AbortSignal,
) => Promise<Result<T, ArbiterFailure>>

/**
 * The endpoint that answered last is asked first; each one gets its part of the time. A request may so be served twice:
 * they are all such that this does no harm.
 */
export function createEtcdCaller(endpoints: readonly string[], { tls, login, timeout }: StoreOptions): EtcdCall {
  let first = 0
  let session: string | undefined
  const share = toMillis(timeout) / Math.max(1, endpoints.length)

  const post = async (endpoint: string, path: string, body: object, signal: AbortSignal) => {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), share)
    const headers = { 'content-type': 'application/json', ...(session === undefined ? {} : { authorization: session }) }
    const url = `${endpoint.replace(/\/+$/, '')}${path}`
    const request = { url, method: 'POST', headers, body: JSON.stringify(body), tls } as const
    const answer = await httpExchange(request, AbortSignal.any([signal, late.signal]))
    clearTimeout(timer)
    return answer
  }
  const logIn = async (endpoint: string, signal: AbortSignal): Promise<Result<void, string>> => {
    if (login === undefined || session !== undefined) return ok(undefined)
    const credentials = { name: login.user, password: login.password }
    const answer = await post(endpoint, '/v3/auth/authenticate', credentials, signal)
    const token = answer.ok ? read(answer.value, parseToken) : answer
    if (token.ok) session = token.value
    return token.ok ? ok(undefined) : err(`login: ${token.error}`)
  }
  const askOne = async <T>(
    endpoint: string,
    path: string,
    body: object,
    parse: (text: string) => Result<T, string>,
    signal: AbortSignal,
  ): Promise<Result<T, string>> => {
    const loggedIn = await logIn(endpoint, signal)
    if (!loggedIn.ok) return loggedIn
    const answer = await post(endpoint, path, body, signal)
    if (!answer.ok) return answer
    if (answer.value.status !== 401 || session === undefined) return read(answer.value, parse)
    // Sessions end after minutes.
    session = undefined
    const again = await logIn(endpoint, signal)
    if (!again.ok) return again
    const second = await post(endpoint, path, body, signal)
    return second.ok ? read(second.value, parse) : second
  }
  return async (path, body, parse, signal) => {
    const failures: string[] = []
    for (let tried = 0; tried < endpoints.length && !signal.aborted; tried += 1) {
      const at = (first + tried) % endpoints.length
      const endpoint = endpoints[at] ?? ''
      const answer = await askOne(endpoint, path, body, parse, signal)
      if (answer.ok) {
        first = at
        return answer
      }
      failures.push(`${new URL(endpoint).host}: ${answer.error}`)
    }
    return unreachable(failures.length === 0 ? 'no answer in time' : failures.join('; '))
  }
}

const read = <T>({ status, body }: HttpAnswer, parse: (text: string) => Result<T, string>): Result<T, string> =>
  status === 200 ? parse(body) : err(describeError(status, body))
