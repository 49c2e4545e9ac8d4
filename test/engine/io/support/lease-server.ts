import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** A small HTTP store in this process, right or wrong in ways that real ones are. */
export type LeaseServer = {
  readonly url: string
  /** By path. */
  readonly contents: Map<string, { etag: string; body: string }>
  readonly requests: string[]
  behaviour: Behaviour
} & AsyncDisposable

export type Behaviour = {
  /** Compares when the request begins, as WebDAV modules do. */
  readonly early?: boolean
  readonly ignores?: 'if-match' | 'if-none-match'
  readonly weak?: boolean
  /** Does not tell the new ETag. */
  readonly silent?: boolean
  /** Carries out what is asked, and never answers. */
  readonly mute?: boolean
  readonly status?: number
}

export async function startLeaseServer(
  behaviour: Behaviour = {},
  at: { readonly host: string; readonly port: number } = { host: '127.0.0.1', port: 0 },
): Promise<LeaseServer> {
  const contents = new Map<string, { etag: string; body: string }>()
  const requests: string[] = []
  let version = 0
  const server = createServer((request, response) => void serve(request, response))
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? ''
    const { early, mute, silent, status } = lease.behaviour
    requests.push(`${request.method} ${path}`)
    const before = early === true && !meets(request, contents.get(path)?.etag)
    const chunks: Buffer[] = []
    for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk)
    const end = (code: number, body = '') => {
      if (mute !== true) response.writeHead(code, tagOf(path)).end(body)
    }
    const tagOf = (which: string): Record<string, string> => {
      const etag = request.method === 'PUT' && silent === true ? undefined : contents.get(which)?.etag
      return etag === undefined ? {} : { etag: lease.behaviour.weak === true ? `W/${etag}` : etag }
    }
    if (status !== undefined) return end(status)
    if (request.method === 'GET') {
      const found = contents.get(path)
      return found === undefined ? end(404) : end(200, found.body)
    }
    if (early === true ? before : !meets(request, contents.get(path)?.etag)) return end(412)
    const isNew = !contents.has(path)
    version += 1
    contents.set(path, { etag: `"${version}"`, body: Buffer.concat(chunks).toString() })
    end(isNew ? 201 : 204)
  }
  const meets = ({ headers }: IncomingMessage, etag: string | undefined): boolean => {
    const { ignores } = lease.behaviour
    const matches = ignores === 'if-match' || headers['if-match'] === undefined || headers['if-match'] === etag
    return matches && (ignores === 'if-none-match' || headers['if-none-match'] === undefined || etag === undefined)
  }
  server.listen(at.port, at.host)
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  const lease: LeaseServer = {
    url: `http://${at.host}:${address.port}/leases`,
    contents,
    requests,
    behaviour,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return lease
}
