import { fstatSync } from 'node:fs'
import { createDatagramSender, type SendDatagram } from '../../engine/io/unix-datagram.ts'
import { journalEntry, prefixedLine } from '../../shared/journal.ts'
import { jsonLine, type Log, type LogRecord, textLine } from '../../shared/log.ts'

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

/** One line or entry for each record; `debug` ones only when asked for. A reader that goes away is no failure. */
export function createLogger(format: LogFormat, options: LoggerOptions): Log {
  const write = options.write ?? writeToStdout()
  const journal = options.journal ?? { socket: JOURNAL_SOCKET, send: createDatagramSender() }
  const tell = (record: LogRecord): void => {
    if (format === 'journal') {
      if (journal.send(journal.socket, journalEntry(record)).ok) return
      write(`${prefixedLine(record)}\n`)
    } else {
      write(`${(format === 'json' ? jsonLine : textLine)(record, new Date())}\n`)
    }
  }
  return (record) => {
    if (record.level !== 'debug' || options.debug) tell(record)
  }
}

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

function writeToStdout(): (text: string) => void {
  process.stdout.on('error', () => {})
  return (text) => {
    process.stdout.write(text)
  }
}
