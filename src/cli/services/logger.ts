import { fstatSync } from 'node:fs'
import { createDatagramSender, type SendDatagram } from '../../engine/io/unix-datagram.ts'
import { assertNever } from '../../shared/errors.ts'
import { journalEntry, prefixedLine } from '../../shared/journal.ts'
import { jsonLine, type Log, type LogRecord, textLine } from '../../shared/log.ts'
import { createLogStream, openStdout } from './log-stream.ts'

/**
 * `journal` sends structured entries to the journal itself (`journalctl -o verbose`); what it cannot take goes to stdout
 * with a priority in front, which the journal understands too.
 */
export const LOG_FORMATS = ['text', 'json', 'journal'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

const JOURNAL_SOCKET = '/run/systemd/journal/socket'

export type LoggerOptions = {
  readonly debug: boolean
  readonly write?: (text: string) => void
  readonly journal?: { readonly socket: string; readonly send: SendDatagram }
}

export type Logger = Log & {
  /** What stdout has not taken yet gets that many milliseconds, for the end of the process. */
  readonly flush: (limitMs: number) => Promise<void>
}

/**
 * One line or entry for each record; `debug` ones only when asked for. Never waits for its reader, and one that goes away
 * is no failure.
 */
export function createLogger(format: LogFormat, options: LoggerOptions): Logger {
  const stdout =
    options.write === undefined ? createLogStream(openStdout(), (count) => line(format, lostLines(count))) : undefined
  const write = options.write ?? stdout?.write ?? (() => undefined)
  const journal = options.journal ?? { socket: JOURNAL_SOCKET, send: createDatagramSender() }
  const log: Log = (record) => {
    if (record.level === 'debug' && !options.debug) return
    if (format === 'journal' && journal.send(journal.socket, journalEntry(record)).ok) return
    write(line(format, record))
  }
  return Object.assign(log, { flush: async (limitMs: number) => stdout?.flush(limitMs) })
}

function line(format: LogFormat, record: LogRecord): string {
  switch (format) {
    case 'journal':
      return `${prefixedLine(record)}\n`
    case 'json':
      return `${jsonLine(record, new Date())}\n`
    case 'text':
      return `${textLine(record, new Date())}\n`
    default:
      return assertNever(format)
  }
}

const lostLines = (count: number): LogRecord => ({
  level: 'warn',
  subject: 'haup',
  code: 'log.lost',
  message: `${count} log lines are lost: nobody read them in time`,
  fields: { lines: count },
})

/** `journal` when stdout goes there, as systemd says (systemd.exec(5), JOURNAL_STREAM); otherwise `text`. */
export function chooseLogFormat(env: NodeJS.ProcessEnv, stdout: { readonly dev: number; readonly ino: number }) {
  return env.JOURNAL_STREAM === `${stdout.dev}:${stdout.ino}` ? 'journal' : 'text'
}

/** What `stdout` is; a stdout that is closed goes nowhere. */
export function statStdout(): { readonly dev: number; readonly ino: number } {
  try {
    return fstatSync(1)
  } catch {
    return { dev: -1, ino: -1 }
  }
}
