import { type LogRecord, sentence } from './log.ts'

/** Log records in the journal's forms; PURE. Levels are syslog's (sd-daemon(3)). */
const PRIORITY: Readonly<Record<LogRecord['level'], number>> = { error: 3, warn: 4, info: 6, debug: 7 }

/** A line for a stream that goes to the journal: `<4>www: text`. The journal adds the time. */
export const prefixedLine = (record: LogRecord): string => `<${PRIORITY[record.level]}>${sentence(record)}`

/**
 * One entry of the native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL). `HAUP_CODE` and `HAUP_SUBJECT` name the event;
 * the record's own fields follow as `HAUP_<FIELD>`.
 */
export function journalEntry(record: LogRecord): Uint8Array {
  const fields: readonly (readonly [string, string])[] = [
    ['MESSAGE', sentence(record)],
    ['PRIORITY', String(PRIORITY[record.level])],
    ['SYSLOG_IDENTIFIER', 'haup'],
    ['HAUP_CODE', record.code],
    ['HAUP_SUBJECT', record.subject],
    ...Object.entries(record.fields ?? {}).map(([name, value]) => [fieldName(name), String(value)] as const),
  ]
  return Buffer.concat(fields.map(([name, value]) => encodeField(name, value)))
}

/** Upper-case letters, digits and underscores, at most 64 of them. */
const fieldName = (name: string): string => `HAUP_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`.slice(0, 64)

/** A value of several lines carries its length: 64 bits, little endian. */
function encodeField(name: string, value: string): Uint8Array {
  if (!value.includes('\n')) return Buffer.from(`${name}=${value}\n`)
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')])
}
