import { ok, type Result } from '../../shared/result.ts'
import { type LeaseRecord, parseRecord, strongEtag } from '../peer/lease-record.ts'
import type { ArbiterFailure } from '../peer/witness.ts'
import { type StoreOptions, unreachable } from './arbiter-store.ts'
import { type HttpAnswer, httpExchange } from './http-exchange.ts'

/** A lease record at an HTTP server. */
export type Resource = {
  /** Undefined: there is none. */
  readonly read: (signal: AbortSignal) => Promise<Result<Found | undefined, ArbiterFailure>>
  readonly put: (
    body: string,
    condition: Condition,
    signal: AbortSignal,
    hold?: Promise<void>,
  ) => Promise<Result<PutAnswer, ArbiterFailure>>
}

export type Found = { readonly etag: string; readonly record: LeaseRecord }

/** RFC 9110 13.1: this content and no other; or nothing yet. */
export type Condition = { readonly 'if-match': string } | { readonly 'if-none-match': '*' }

export type PutAnswer =
  /** The new ETag, where the server tells it. */
  | { readonly kind: 'done'; readonly etag: string | undefined }
  /** The condition does not hold. */
  | { readonly kind: 'refused' }

export function createResource(url: string, { tls, login }: StoreOptions): Resource {
  const authorization = login === undefined ? {} : { authorization: basic(login.user, login.password) }
  return {
    read: async (signal) => {
      const request = { url, method: 'GET', headers: authorization, body: undefined, tls } as const
      const answer = await httpExchange(request, signal)
      if (!answer.ok) return unreachable(answer.error)
      return answer.value.status === 404 ? ok(undefined) : readRecord(answer.value)
    },
    put: async (body, condition, signal, hold) => {
      const headers = { ...authorization, 'content-type': 'application/json', ...condition }
      const answer = await httpExchange({ url, method: 'PUT', headers, body, tls, hold }, signal)
      if (!answer.ok) return unreachable(answer.error)
      const { status, etag } = answer.value
      if (status === 412) return ok({ kind: 'refused' })
      if (status !== 200 && status !== 201 && status !== 204)
        return unreachable(`PUT is answered with status ${status}`)
      return ok({ kind: 'done', etag: strongEtag(etag) })
    },
  }
}

function readRecord({ status, etag: header, body }: HttpAnswer): Result<Found, ArbiterFailure> {
  if (status !== 200) return unreachable(`GET is answered with status ${status}`)
  const etag = strongEtag(header)
  if (etag === undefined) return unreachable('the server gives no strong ETag')
  const record = parseRecord(body)
  return record.ok ? ok({ etag, record: record.value }) : unreachable(record.error)
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
