import { jsonLine, type Log, textLine } from '../../shared/log.ts'

export type LogFormat = 'text' | 'json'

/** Lines on stdout, one for each record; `debug` lines only when asked for. A reader that goes away is no failure. */
export function createLogger(format: LogFormat, options: { readonly debug: boolean }): Log {
  const line = format === 'json' ? jsonLine : textLine
  process.stdout.on('error', () => {})
  return (record) => {
    if (record.level === 'debug' && !options.debug) return
    process.stdout.write(`${line(record, new Date())}\n`)
  }
}
