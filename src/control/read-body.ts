import type { IncomingMessage } from 'node:http'
import { err, ok, type Result } from '../shared/result.ts'

export type BodyError = { readonly status: 400 | 413; readonly message: string }

/** Reads a JSON body of at most `limit` bytes. Resolves always; a request that breaks off counts as a bad one. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Result<unknown, BodyError>> {
  const bytes = await collect(request, limit)
  if (!bytes.ok) return bytes
  try {
    return ok(JSON.parse(bytes.value.toString('utf8')))
  } catch {
    return err({ status: 400, message: 'the body is not JSON' })
  }
}

function collect(request: IncomingMessage, limit: number): Promise<Result<Buffer, BodyError>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const tooLong = (): void => {
      request.resume()
      resolve(err({ status: 413, message: `the body is longer than ${limit} bytes` }))
    }
    if (Number(request.headers['content-length'] ?? 0) > limit) return tooLong()
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) return tooLong()
      chunks.push(chunk)
    })
    request.on('end', () => resolve(ok(Buffer.concat(chunks))))
    request.on('close', () => resolve(err({ status: 400, message: 'the request broke off' })))
    request.on('error', () => resolve(err({ status: 400, message: 'the request broke off' })))
  })
}
