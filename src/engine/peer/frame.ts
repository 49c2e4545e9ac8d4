import { err, ok, type Result } from '../../shared/result.ts'
import type { Ack, SessionId } from './session.ts'

/** The bytes of the peer channel around the seal, and those inside that are not the report. PURE. See docs/peer-channel.md. */

export const FORMAT_VERSION = 3
export const HEADER_BYTES = 52
export const TAG_BYTES = 16
/** Flags, session and counter acknowledged. */
const PREFIX_BYTES = 25
/** What stands around a report in its datagram. */
export const OVERHEAD_BYTES = HEADER_BYTES + PREFIX_BYTES + TAG_BYTES
/** A random number of one's own and the one of the other side. */
export const CHALLENGE_BYTES = 16
/** The whole of what one side of a stream says at a time. */
export const HELLO_BYTES = HEADER_BYTES + 2 * CHALLENGE_BYTES + TAG_BYTES

const MAGIC = [0x68, 0x61, 0x75, 0x70]
const AT = { version: 4, kind: 5, reserved: 6, key: 8, from: 12, to: 20, session: 28, counter: 44 } as const
const NODE_BYTES = 8
const SESSION_BYTES = 16
const KINDS = { report: 1, hello: 2 } as const

/** `hello` stands on a stream, `report` in a datagram: neither can pass for the other. */
export type FrameKind = keyof typeof KINDS

export type Header = {
  readonly kind: FrameKind
  /** Which key sealed it: 8 hex digits. */
  readonly key: string
  /** Digests of the nodes' names, 16 hex digits each. */
  readonly from: string
  readonly to: string
  readonly session: SessionId
  readonly counter: number
}

export function encodeHeader(header: Header): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES)
  bytes.set(MAGIC)
  bytes[AT.version] = FORMAT_VERSION
  bytes[AT.kind] = KINDS[header.kind]
  bytes.set(fromHex(header.key), AT.key)
  bytes.set(fromHex(header.from), AT.from)
  bytes.set(fromHex(header.to), AT.to)
  bytes.set(fromHex(header.session), AT.session)
  viewOf(bytes).setBigUint64(AT.counter, BigInt(header.counter))
  return bytes
}

export type FrameFault = { readonly kind: 'version' | 'malformed'; readonly detail: string }

/** Cheap: looks at no more than it must. Never throws. */
export function decodeHeader(bytes: Uint8Array): Result<Header, FrameFault> {
  if (bytes.length < HEADER_BYTES + TAG_BYTES) return malformed(`${bytes.length} bytes are too few`)
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) return malformed('not of haup')
  const version = bytes[AT.version]
  if (version !== FORMAT_VERSION)
    return err({ kind: 'version', detail: `format ${version}, ours is ${FORMAT_VERSION}` })
  const kind = bytes[AT.kind] === KINDS.report ? 'report' : bytes[AT.kind] === KINDS.hello ? 'hello' : undefined
  if (kind === undefined || bytes[AT.reserved] !== 0 || bytes[AT.reserved + 1] !== 0) return malformed('unknown kind')
  const counter = Number(viewOf(bytes).getBigUint64(AT.counter))
  if (counter < 1 || counter > Number.MAX_SAFE_INTEGER) return malformed('counter out of range')
  return ok({
    kind,
    key: toHex(bytes, AT.key, 4),
    from: toHex(bytes, AT.from, NODE_BYTES),
    to: toHex(bytes, AT.to, NODE_BYTES),
    session: toHex(bytes, AT.session, SESSION_BYTES),
    counter,
  })
}

const malformed = (detail: string): Result<never, FrameFault> => err({ kind: 'malformed', detail })

/** What is sealed into a datagram; without a report it is an answer of the channel itself. */
export type Body = { readonly ack: Ack | undefined; readonly report: Uint8Array | undefined }

const HAS_ACK = 1
const PROVEN = 2

export function encodeBody({ ack, report }: Body): Uint8Array {
  const bytes = new Uint8Array(PREFIX_BYTES + (report?.length ?? 0))
  if (ack !== undefined) {
    bytes[0] = HAS_ACK + (ack.proven ? PROVEN : 0)
    bytes.set(fromHex(ack.session), 1)
    viewOf(bytes).setBigUint64(1 + SESSION_BYTES, BigInt(ack.counter))
  }
  if (report !== undefined) bytes.set(report, PREFIX_BYTES)
  return bytes
}

/** Undefined when it cannot be: too short, or a counter that nobody has. Other bits of the flags are for later versions. */
export function decodeBody(bytes: Uint8Array): Body | undefined {
  if (bytes.length < PREFIX_BYTES) return undefined
  const flags = bytes[0] ?? 0
  const counter = Number(viewOf(bytes).getBigUint64(1 + SESSION_BYTES))
  if (counter > Number.MAX_SAFE_INTEGER) return undefined
  const ack = { session: toHex(bytes, 1, SESSION_BYTES), counter, proven: (flags & PROVEN) !== 0 }
  const report = bytes.length === PREFIX_BYTES ? undefined : bytes.subarray(PREFIX_BYTES)
  return { ack: (flags & HAS_ACK) === 0 ? undefined : ack, report }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const toHex = (bytes: Uint8Array, from: number, length: number): string => {
  let text = ''
  for (let at = from; at < from + length; at += 1) text += HEX[bytes[at] ?? 0]
  return text
}

const fromHex = (text: string): Uint8Array =>
  Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(index * 2, index * 2 + 2), 16))

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
