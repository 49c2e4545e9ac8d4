import { err, ok, type Result } from '../../shared/result.ts'
import type { Micros } from '../../shared/units.ts'
import {
  type Read,
  readBoolean,
  readMatch,
  readName,
  readNamed,
  readObject,
  readOneOf,
  readOptional,
  readRecord,
  readText,
  readWhole,
} from './fields.ts'
import type { PeerInstance, PeerMove, PeerReport, PeerService } from './types.ts'

/**
 * Reports as JSON without white space, in UTF-8. PURE. The reader takes nothing on trust, although what it reads was sealed
 * by a node of the cluster: that node may be of another version, or not ours any more.
 */

/** What fits into one datagram of UDP with the seal around it, and some room. */
export const MOST_REPORT_BYTES = 60_000
const MOST_INSTANCES = 255
const MOST_SERVICES = 255
const MOST_DIGESTS = 32
const LONGEST_TEXT = 200
const LONGEST_VERSION = 40
/** Some 285 years, in microseconds. */
const LONGEST_TIME = Number.MAX_SAFE_INTEGER

const UTF8 = new TextEncoder()
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true })

/** The error says how large the report is. */
export function encodeReport(report: PeerReport): Result<Uint8Array, string> {
  const bytes = UTF8.encode(JSON.stringify(clipped(report)))
  return bytes.length <= MOST_REPORT_BYTES
    ? ok(bytes)
    : err(`a report of ${bytes.length} bytes is larger than ${MOST_REPORT_BYTES}`)
}

/** Never throws. The error says what is wrong, and holds no text from outside. */
export function decodeReport(bytes: Uint8Array): Result<PeerReport, string> {
  if (bytes.length > MOST_REPORT_BYTES) return err(`report: larger than ${MOST_REPORT_BYTES} bytes`)
  const parsed = parse(bytes)
  if (!parsed.ok) return parsed
  const report = readReport(parsed.value)
  return report.ok ? report : err(`report: ${report.error}`)
}

/** The texts that the reader would cut are not sent whole. */
const clipped = (report: PeerReport): PeerReport => ({
  ...report,
  instances: report.instances.map((each) => ({ ...each, reason: each.reason.slice(0, LONGEST_TEXT) })),
  services: report.services.map((each) => ({ ...each, detail: each.detail.slice(0, LONGEST_TEXT) })),
})

function parse(bytes: Uint8Array): Result<unknown, string> {
  try {
    return ok(JSON.parse(STRICT_UTF8.decode(bytes)))
  } catch {
    return err('report: not JSON in UTF-8')
  }
}

const readSpan =
  (shortest: number, longest: number): Read<Micros> =>
  (value) => {
    const whole = readWhole(shortest, longest)(value)
    return whole.ok ? ok(whole.value as Micros) : whole
  }
const readMicros = readSpan(0, LONGEST_TIME)
/** From what a node may be set up with: each 0.1 to 1 s; three intervals of 0.01 to 255 s, and a skew. */
const readEvery: Read<Micros> = readSpan(100_000, 1_000_000)
const readWait: Read<Micros> = readSpan(30_000, 4 * 255_000_000)
const readNumber = readWhole(0, Number.MAX_SAFE_INTEGER)

const readMove: Read<PeerMove> = readObject<PeerMove>({
  id: readNumber,
  with: readName,
  step: readOneOf(['offer', 'prepared', 'refused', 'closed', 'opened']),
})

const readInstance: Read<PeerInstance> = readObject<PeerInstance>({
  name: readName,
  state: readOneOf(['INIT', 'BACKUP', 'MASTER', 'FAULT']),
  reason: readText(LONGEST_TEXT),
  age: readMicros,
  holding: readBoolean,
  ready: readBoolean,
  priority: readWhole(0, 255),
  wait: readWait,
  lan: readOneOf(['reached', 'dark', 'unknown', 'down']),
  claim: readOptional(readNumber),
  grant: readOptional(readObject({ to: readName, claim: readNumber })),
  move: readOptional(readMove),
})

const readService: Read<PeerService> = readObject<PeerService>({
  name: readName,
  good: readBoolean,
  detail: readText(LONGEST_TEXT),
})

const readReport: Read<PeerReport> = readObject<PeerReport>({
  haup: readText(LONGEST_VERSION),
  leaving: readBoolean,
  standby: readBoolean,
  digests: readRecord(/^[a-z][a-z_]{0,31}$/, readMatch(/^[0-9a-f]{8}$/), MOST_DIGESTS),
  lateness: readMicros,
  every: readEvery,
  instances: readNamed(readInstance, MOST_INSTANCES),
  services: readNamed(readService, MOST_SERVICES),
})
