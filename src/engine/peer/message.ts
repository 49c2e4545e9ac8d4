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
import { OVERHEAD_BYTES } from './frame.ts'
import type { PeerInstance, PeerMove, PeerReport, PeerService } from './types.ts'

/**
 * Reports as JSON without white space, in UTF-8. PURE. The reader takes nothing on trust, although what it reads was sealed
 * by a node of the cluster: that node may be of another version, or not ours any more.
 */

/** Passes every path that IP runs over, tunnels included: larger ones are lost where adverts are not. */
export const DATAGRAM_BYTES = 1_200
const ROOM = DATAGRAM_BYTES - OVERHEAD_BYTES
/** No node sends as much. */
const MOST_REPORT_BYTES = 4_096
const MOST_INSTANCES = 255
const MOST_SERVICES = 10_000
const MOST_DIGESTS = 32
const LONGEST_TEXT = 200
const LONGEST_VERSION = 40
/** Some 285 years, in microseconds. */
const LONGEST_TIME = Number.MAX_SAFE_INTEGER

const UTF8 = new TextEncoder()
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true })

/** A report in as many datagrams as it needs; all of them stand for themselves. */
export const encodeReport = (report: PeerReport): readonly Uint8Array[] =>
  partsOf(report).map(({ head, instances, services }) =>
    UTF8.encode(`${head}"instances":[${instances.texts}],"services":[${services.texts}]}`),
  )

/** What each of the datagrams says. */
export const splitReport = (report: PeerReport): readonly PeerReport[] =>
  partsOf(report).map(({ instances, services }) => ({ ...report, instances: instances.rows, services: services.rows }))

type Part = { readonly head: string; readonly instances: Rows<PeerInstance>; readonly services: Rows<PeerService> }
type Rows<T> = { readonly rows: T[]; readonly texts: string[] }

function partsOf({ instances, services, ...rest }: PeerReport): readonly Part[] {
  const head = `${JSON.stringify(rest).slice(0, -1)},`
  const room = ROOM - lengthOf(head) - FRAME.length
  const parts: Part[] = [emptyPart(head)]
  let left = room
  const partFor = (text: string): Part => {
    const needed = lengthOf(text) + 1
    const [last] = parts.slice(-1)
    const isFull = needed > left && left < room
    const part = last === undefined || isFull ? emptyPart(head) : last
    if (part !== last) parts.push(part)
    left = (isFull ? room : left) - needed
    return part
  }
  for (const each of instances) {
    const row = fitted(each, room, each.reason, (reason) => ({ ...each, reason }))
    put(partFor(row.text).instances, row)
  }
  for (const each of services) {
    const row = fitted(each, room, each.detail, (detail) => ({ ...each, detail }))
    put(partFor(row.text).services, row)
  }
  return parts
}

const emptyPart = (head: string): Part => ({
  head,
  instances: { rows: [], texts: [] },
  services: { rows: [], texts: [] },
})

function put<T>({ rows, texts }: Rows<T>, { row, text }: { readonly row: T; readonly text: string }): void {
  rows.push(row)
  texts.push(text)
}

const FRAME = '"instances":[],"services":[]}'
const lengthOf = (text: string): number => UTF8.encode(text).length

/** The free text of a row is cut to what the reader would keep, and to what fits beside the rest. */
function fitted<T>(row: T, room: number, words: string, saying: (words: string) => T) {
  const kept = words.slice(0, LONGEST_TEXT)
  const clipped = kept === words ? row : saying(kept)
  const text = JSON.stringify(clipped)
  const excess = lengthOf(text) + 1 - room
  if (excess <= 0) return { row: clipped, text }
  const short = saying(kept.slice(0, Math.max(0, kept.length - excess)))
  return { row: short, text: JSON.stringify(short) }
}

/** Never throws. The error says what is wrong, and holds no text from outside. */
export function decodeReport(bytes: Uint8Array): Result<PeerReport, string> {
  if (bytes.length > MOST_REPORT_BYTES) return err(`report: larger than ${MOST_REPORT_BYTES} bytes`)
  const parsed = parse(bytes)
  if (!parsed.ok) return parsed
  const report = readReport(parsed.value)
  return report.ok ? report : err(`report: ${report.error}`)
}

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
const DIGEST = /^[0-9a-f]{8}$/
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
  readiness: readOneOf(['serves', 'standby', 'unable']),
  open: readOptional(readMicros),
  advert: readOptional(readObject({ node: readName, id: readWhole(1, 0xffff), age: readMicros })),
  follows: readOptional(readName),
  listens: readBoolean,
  refuses: readOptional(readName),
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
  digests: readRecord(/^[a-z][a-z_]{0,31}$/, readMatch(DIGEST), MOST_DIGESTS),
  lateness: readMicros,
  every: readEvery,
  roster: readObject({
    digest: readMatch(DIGEST),
    instances: readWhole(0, MOST_INSTANCES),
    services: readWhole(0, MOST_SERVICES),
  }),
  instances: readNamed(readInstance, MOST_INSTANCES),
  services: readNamed(readService, MOST_SERVICES),
})
