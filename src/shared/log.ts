/** One event worth a line. `code` is stable and greppable; `fields` go into the JSON form as they are. */
export type LogRecord = {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** `www` (an instance), `nginx` (a service) or `haup`. */
  readonly subject: string
  readonly code: string
  readonly message: string
  readonly fields?: Readonly<Record<string, string | number | boolean | null>>
}

export type Log = (record: LogRecord) => void

/** Text from outside (packets, child processes) made safe for one log line or terminal row. */
export const printable = (text: string, max = 300): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is to be replaced
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim()
  return clean.length > max ? `${clean.slice(0, max - 1)}…` : clean
}

export const textLine = (record: LogRecord, at: Date): string => {
  const level = record.level === 'info' ? '' : `${record.level.toUpperCase()} `
  return `${at.toISOString()} ${level}${sentence(record)}`
}

/** Its code stands at the end, for whoever searches for it. */
export const sentence = ({ subject, message, code }: LogRecord): string => `${subject}: ${message} [${code}]`

export const jsonLine = (record: LogRecord, at: Date): string =>
  JSON.stringify({
    time: at.toISOString(),
    level: record.level,
    subject: record.subject,
    code: record.code,
    message: record.message,
    ...record.fields,
  })
