import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { errnoCode } from '../../native/index.ts'

/** Takes as many of the bytes as it can right now; 0 = full. Never waits. */
export type Sink = (bytes: Uint8Array) => number

/**
 * Lines for a reader that may stop reading (Ctrl-S at the terminal, a dead connection, a full pipe): whoever writes does
 * not wait for it. What it does not take is kept, as far as the limits go, and tried again; then the oldest lines go.
 */
export type LogStream = {
  readonly write: (line: string) => void
  /** Resolves when nothing is kept any more, or after that many milliseconds. */
  readonly flush: (limitMs: number) => Promise<void>
}

const MOST_LINES = 1_000
const MOST_BYTES = 1 << 20
const RETRY_MS = 100

/** `describeLost` makes the line that stands in place of lost ones. */
export function createLogStream(sink: Sink, describeLost: (count: number) => string): LogStream {
  const kept: Uint8Array[] = []
  let size = 0
  let lost = 0
  /** The first line has been taken in part: the rest must follow. */
  let begun = false
  let timer: NodeJS.Timeout | undefined

  const keep = (line: string): void => {
    const bytes = Buffer.from(line)
    kept.push(bytes)
    size += bytes.length
    while (kept.length > MOST_LINES || (size > MOST_BYTES && kept.length > 1)) {
      const [oldest] = kept.splice(begun ? 1 : 0, 1)
      size -= oldest?.length ?? 0
      lost += 1
    }
  }
  /** Whether all of the first line was taken. */
  const give = (line: Uint8Array): boolean => {
    const taken = sink(line)
    size -= taken
    if (taken === line.length) kept.shift()
    else kept[0] = line.subarray(taken)
    begun = taken < line.length && (begun || taken > 0)
    return taken === line.length
  }
  const sayLost = (): void => {
    const note = Buffer.from(describeLost(lost))
    kept.unshift(note)
    size += note.length
    lost = 0
  }
  const drain = (): void => {
    let flows = true
    while (flows && kept.length > 0) {
      if (lost > 0 && !begun) sayLost()
      const [first] = kept
      flows = first !== undefined && give(first)
    }
    if (flows) {
      clearInterval(timer)
      timer = undefined
    } else {
      timer ??= setInterval(drain, RETRY_MS).unref()
    }
  }

  return {
    write: (line) => {
      keep(line)
      // Something waits already: in its turn.
      if (timer === undefined) drain()
    },
    flush: async (limitMs) => {
      const deadline = performance.now() + limitMs
      for (drain(); kept.length > 0 && performance.now() < deadline; drain()) {
        await new Promise((resolve) => setTimeout(resolve, Math.min(RETRY_MS, limitMs)))
      }
    },
  }
}

/**
 * Standard output. Terminals and pipes are opened anew, because not to wait is a mark of the open file, which other
 * programs share with us. What cannot be opened (a socket) is written to through Node's own stream, a line at a time.
 */
export function openStdout(): Sink {
  const descriptor = reopenStdout()
  if (descriptor !== undefined) return (bytes) => writeNow(descriptor, bytes)
  process.stdout.on('error', () => {})
  return (bytes) => {
    if (process.stdout.writableLength > 0) return 0
    process.stdout.write(bytes)
    return bytes.length
  }
}

function reopenStdout(): number | undefined {
  try {
    // A file has one position for all that write to it; and it takes everything.
    if (fstatSync(1).isFile()) return 1
    return openSync(
      '/proc/self/fd/1',
      constants.O_WRONLY | constants.O_NONBLOCK | constants.O_APPEND | constants.O_NOCTTY,
    )
  } catch (thrown) {
    if (errnoCode(thrown) === undefined) throw thrown
    return undefined
  }
}

/** A reader that goes away, or a disk that is full, is no failure of the engine: what they do not get is gone. */
function writeNow(descriptor: number, bytes: Uint8Array): number {
  try {
    return writeSync(descriptor, bytes)
  } catch (thrown) {
    if (errnoCode(thrown) === undefined) throw thrown
    return errnoCode(thrown) === 'EAGAIN' ? 0 : bytes.length
  }
}
