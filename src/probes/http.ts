import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'
import { formatDuration, toMillis } from '../shared/units.ts'
import { isAccepted } from './accepted.ts'
import {
  type Bounds,
  bad,
  describeNetworkError,
  good,
  hung,
  stopwatch,
  type Verdict,
  within,
  wrong,
} from './attempt.ts'
import { judgeBody } from './http-body.ts'
import { loadTrust } from './http-trust.ts'
import { names } from './names.ts'
import { readUpTo } from './read-up-to.ts'
import type { ProbeSpec } from './types.ts'

export type HttpSpec = ProbeSpec & { readonly kind: 'http' }

/**
 * One request on a connection of its own. The bound holds for the whole exchange, a slowly dripping body included; of
 * the body at most 64 KiB are read. Redirects are not followed: they are a status like any other.
 */
export async function probeHttp(spec: HttpSpec, bounds: Bounds): Promise<Verdict> {
  const url = new URL(spec.url)
  const trust = url.protocol === 'https:' ? await loadTrust(spec.ca) : undefined
  if (trust !== undefined && !trust.ok) return bad(trust.error)
  return exchange(spec, hostOf(url), () => openRequest(spec, url, trust?.value), bounds)
}

/** What has been reached when time is up, in the words of the verdict. */
type Stage = 'no connection' | 'connected, but no answer' | 'the body did not end'

function exchange(spec: HttpSpec, host: string, open: () => ClientRequest, bounds: Bounds): Promise<Verdict> {
  const took = stopwatch()
  return new Promise((resolve, reject) => {
    let stage: Stage = 'no connection'
    let stopLooking = (): void => undefined
    const sent = open()
    const end = (verdict: Verdict): void => {
      bounds.signal.removeEventListener('abort', giveUp)
      stopLooking()
      sent.destroy()
      resolve(verdict)
    }
    const giveUp = (): void => end(bad(names.trouble(host) ?? within(stage, bounds)))
    bounds.signal.addEventListener('abort', giveUp)
    if (bounds.signal.aborted) giveUp()
    sent.on('socket', (socket) =>
      socket.on('connect', () => {
        stage = 'connected, but no answer'
        stopLooking = lookWhetherAccepted(socket, bounds, () => {
          if (stage === 'connected, but no answer') end(hung(unaccepted(bounds)))
        })
      }),
    )
    sent.on('error', (error) => end(bad(describeNetworkError(error))))
    const onClose = (): void => end(bad('connection closed without an answer'))
    sent.on('close', onClose)
    sent.on('response', (response) => {
      sent.off('close', onClose)
      stage = 'the body did not end'
      readUpTo(response, BODY_LIMIT)
        .then(
          (body) => judge(spec, response, body.toString('utf8'), formatDuration(took())),
          (error: unknown) => bad(`the answer is cut off: ${describeNetworkError(error)}`),
        )
        .then(end)
        .catch(reject)
    })
    sent.end()
  })
}

const unaccepted = ({ hungAfter, limit }: Bounds): string =>
  `connected, but the server did not accept it within ${formatDuration(hungAfter ?? limit)}`

/** Calls `onHung` when the server has not accepted the connection in time; the function it returns stops looking. */
function lookWhetherAccepted(socket: Socket, { hungAfter }: Bounds, onHung: () => void): () => void {
  const { remotePort, localPort } = socket
  if (hungAfter === undefined || remotePort === undefined || localPort === undefined) return () => undefined
  const look = (): void =>
    void isAccepted(remotePort, localPort).then((accepted) => (accepted === false ? onHung() : undefined))
  const timer = setTimeout(look, toMillis(hungAfter))
  return () => clearTimeout(timer)
}

function openRequest(spec: HttpSpec, url: URL, trust: SecureContext | undefined): ClientRequest {
  return request({
    createConnection: () => openConnection(spec, url, trust),
    path: `${url.pathname}${url.search}`,
    method: spec.method,
    headers: {
      host: spec.host ?? url.host,
      'user-agent': 'haup-probe',
      connection: 'close',
      ...authorization(url),
      ...spec.headers,
    },
  })
}

function openConnection(spec: HttpSpec, url: URL, trust: SecureContext | undefined): Socket {
  const host = hostOf(url)
  if (trust === undefined) return connect({ host, port: Number(url.port || 80), lookup: names.lookup })
  return connectTls({
    host,
    port: Number(url.port || 443),
    lookup: names.lookup,
    secureContext: trust,
    rejectUnauthorized: spec.ca.kind !== 'none',
    servername: serverName(spec, host),
  })
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

/** `user:password@` of the URL. */
function authorization(url: URL): Readonly<Record<string, string>> {
  if (url.username === '' && url.password === '') return {}
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** The name for SNI, and which the certificate must carry: as configured, else the Host, else the URL's; never an IP. */
function serverName(spec: HttpSpec, host: string): string {
  const name = spec.sni ?? spec.host?.replace(/:\d+$/, '') ?? host
  return isIP(name) === 0 ? name : ''
}

const BODY_LIMIT = 64 * 1024

function judge(spec: HttpSpec, response: IncomingMessage, body: string, took: string): Verdict {
  const status = response.statusCode ?? 0
  if (!spec.status.some(([low, high]) => low <= status && status <= high)) {
    return wrong(`${`${status} ${response.statusMessage ?? ''}`.trim()}, expected ${formatRanges(spec.status)}`)
  }
  const mismatch = spec.body === undefined ? undefined : judgeBody(spec.body, body)
  return mismatch === undefined ? good(`${status} in ${took}`) : wrong(`${status}, but ${mismatch}`)
}

const formatRanges = (ranges: HttpSpec['status']): string =>
  ranges.map(([low, high]) => (low === high ? String(low) : `${low}-${high}`)).join(', ')
