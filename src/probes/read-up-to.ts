import type { IncomingMessage } from 'node:http'

/** At most `limit` bytes of an answer; what comes after them is neither read nor awaited. Rejects when it breaks off. */
export async function readUpTo(response: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response) {
    if (!(chunk instanceof Buffer)) continue
    chunks.push(chunk)
    length += chunk.length
    if (length >= limit) break
  }
  return Buffer.concat(chunks).subarray(0, limit)
}
