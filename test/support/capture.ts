import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Namespace } from './netns.ts'

/** tcpdump on an interface: the frames as they are on the wire, with their link-layer header. */
export type Capture = {
  /** The first `count` frames, once that many have been seen; rejects after five seconds. */
  readonly frames: (count: number) => Promise<readonly Buffer[]>
} & AsyncDisposable

const PATIENCE_MS = 5_000
const FILE_HEADER = 24
const RECORD_HEADER = 16

/** Resolves when tcpdump listens. */
export async function capture(namespace: Namespace, interfaceName: string, filter: string): Promise<Capture> {
  const options = ['-i', interfaceName, '-Q', 'in', '--immediate-mode', '-U', '-n', '-w', '-', filter]
  const child = spawn('ip', ['netns', 'exec', namespace.name, 'tcpdump', ...options])
  let bytes = Buffer.alloc(0)
  let changed = (): void => undefined
  child.stdout.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    changed()
  })
  for (let said = ''; !said.includes('listening on'); ) {
    const [chunk]: unknown[] = await once(child.stderr, 'data')
    said += String(chunk)
  }
  return {
    frames: (count) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${parse(bytes).length} frames, not ${count}`)), PATIENCE_MS)
        changed = () => {
          const frames = parse(bytes)
          if (frames.length < count) return
          clearTimeout(timer)
          resolve(frames)
        }
        changed()
      }),
    [Symbol.asyncDispose]: async () => {
      const dead = once(child, 'exit')
      child.kill('SIGTERM')
      await dead
    },
  }
}

/** pcap in the byte order of the host; an incomplete last record is left out. */
function parse(bytes: Buffer): readonly Buffer[] {
  const frames: Buffer[] = []
  for (let at = FILE_HEADER; at + RECORD_HEADER <= bytes.length; ) {
    const end = at + RECORD_HEADER + bytes.readUInt32LE(at + 8)
    if (end > bytes.length) break
    frames.push(bytes.subarray(at + RECORD_HEADER, end))
    at = end
  }
  return frames
}
