import { type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http'
import { Agent, request as requestTls } from 'node:https'
import { createSecureContext, type SecureContext } from 'node:tls'
import { codeOf, describeNetworkError } from '../../probes/attempt.ts'
import { loadTrust } from '../../probes/http-trust.ts'
import { names } from '../../probes/names.ts'
import { readUpTo } from '../../probes/read-up-to.ts'
import { messageOf } from '../../shared/errors.ts'
import { printable } from '../../shared/log.ts'
import { readRegular } from '../../shared/regular-file.ts'
import { err, ok, type Result } from '../../shared/result.ts'

/** PEM files. `ca` undefined: whom the system trusts. */
export type TlsFiles = {
  readonly ca: string | undefined
  readonly own: { readonly cert: string; readonly key: string } | undefined
}

export type HttpRequest = {
  readonly url: string
  readonly method: 'GET' | 'PUT' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly tls: TlsFiles
  /** The second half of the body is sent when this resolves. */
  readonly hold?: Promise<void> | undefined
}

export type HttpAnswer = { readonly status: number; readonly etag: string | undefined; readonly body: string }

const MOST_BODY = 64 * 1024

/**
 * One request on a connection of its own; redirects are an answer like any other. Resolves always: when `signal` aborts,
 * everything is let go of. The error is for people.
 */
export async function httpExchange(request: HttpRequest, signal: AbortSignal): Promise<Result<HttpAnswer, string>> {
  const secure = request.url.startsWith('https:') ? await secureContext(request.tls) : undefined
  if (secure !== undefined && !secure.ok) return secure
  if (signal.aborted) return err('no answer in time')
  return new Promise((resolve) => {
    const fail = (thrown: unknown): void =>
      resolve(err(signal.aborted ? late(request) : printable(describeNetworkError(thrown))))
    try {
      const sent = open(request, secure?.value, signal)
      sent.on('error', fail)
      sent.on('close', () => fail(new Error('connection closed without an answer')))
      sent.on('response', (response) => void readAnswer(response).then((answer) => resolve(ok(answer)), fail))
      void send(sent, request)
    } catch (thrown) {
      // An URL or a header that Node refuses.
      if (!codeOf(thrown).startsWith('ERR_')) throw thrown
      fail(thrown)
    }
  })
}

function open(request: HttpRequest, secureContext: SecureContext | undefined, signal: AbortSignal) {
  const body = request.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(request.body)) }
  const headers = {
    'user-agent': 'haup',
    'cache-control': 'no-cache',
    connection: 'close',
    ...body,
    ...request.headers,
  }
  const options = { method: request.method, headers, signal, lookup: names.lookup } as const
  return secureContext === undefined
    ? requestPlain(request.url, { ...options, agent: false })
    : requestTls(request.url, { ...options, agent: new Agent({ secureContext }) })
}

const late = ({ url }: HttpRequest): string => names.trouble(new URL(url).hostname) ?? 'no answer in time'

async function send(sent: ClientRequest, { body, hold }: HttpRequest): Promise<void> {
  if (hold === undefined || body === undefined) return void sent.end(body)
  const bytes = Buffer.from(body)
  sent.write(bytes.subarray(0, bytes.length / 2))
  await hold
  if (!sent.destroyed) sent.end(bytes.subarray(bytes.length / 2))
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const body = await readUpTo(response, MOST_BODY + 1)
  if (body.length > MOST_BODY) throw new Error(`the answer is longer than ${MOST_BODY} bytes`)
  return { status: response.statusCode ?? 0, etag: response.headers.etag, body: body.toString('utf8') }
}

const MOST_PEM = 8_388_608

async function readPem(path: string): Promise<Buffer> {
  const read = await readRegular(path, MOST_PEM)
  if (!read.ok) throw new Error(`${path} ${read.error.message}`)
  return Buffer.from(read.value.content)
}

/** Read each time: certificates are replaced while the engine runs. */
async function secureContext({ ca, own }: TlsFiles): Promise<Result<SecureContext, string>> {
  if (own === undefined) return loadTrust(ca === undefined ? { kind: 'system' } : { kind: 'file', path: ca })
  try {
    const [authority, cert, key] = await Promise.all([
      ca === undefined ? undefined : readPem(ca),
      readPem(own.cert),
      readPem(own.key),
    ])
    return ok(createSecureContext({ cert, key, ...(authority === undefined ? {} : { ca: authority }) }))
  } catch (thrown) {
    return err(printable(`certificate: ${messageOf(thrown)}`))
  }
}
