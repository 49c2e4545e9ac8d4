import { closeSync, openSync, readSync, watch } from 'node:fs'
import type { LineSink } from './line-log.ts'

const CHUNK = 65_536

/** Stops following, after a last look; a second call does nothing. */
export type StopFollowing = (why: string) => void

/**
 * Feeds what a file has from the byte `from` on, and what is appended to it, into a sink, by inotify. Daemons write to files rather than pipes, so that they live
 * on when the lab's own process is gone (`haup lab --keep`, or a crash).
 */
export function followFile(path: string, sink: LineSink, from = 0): StopFollowing {
  const descriptor = openSync(path, 'r')
  const buffer = Buffer.alloc(CHUNK)
  const decoder = new TextDecoder()
  let offset = from
  const readOn = () => {
    for (;;) {
      const length = readSync(descriptor, buffer, 0, CHUNK, offset)
      if (length === 0) return
      offset += length
      sink.write(decoder.decode(buffer.subarray(0, length), { stream: true }))
    }
  }
  const watcher = watch(path, readOn)
  readOn()
  let stopped = false
  return (why) => {
    if (stopped) return
    stopped = true
    watcher.close()
    readOn()
    closeSync(descriptor)
    sink.end(why)
  }
}
