import { err, ok, type Result } from '../../shared/result.ts'

/**
 * PURE: netlink's framing (linux/netlink.h): messages and their attributes. Numbers are in the byte order of the host.
 * Decoders never throw and never read beyond what they were given.
 */

export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3

export const NLM_F_REQUEST = 0x1
export const NLM_F_ACK = 0x4
export const NLM_F_DUMP_INTR = 0x10
export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
/** NLM_F_ROOT | NLM_F_MATCH */
export const NLM_F_DUMP = 0x300

/** The attribute holds attributes. */
export const NLA_F_NESTED = 0x8000
const NLA_TYPE_MASK = 0x3fff

export type NetlinkRequest = { readonly type: number; readonly flags: number; readonly payload: Uint8Array }
export type NetlinkMessage = NetlinkRequest & {
  readonly seq: number
  /** The netlink port (`nlmsg_pid`) of the socket that asked for it, or, in an event, of the one that made the change. */
  readonly port: number
}

const HEADER = 16
const ATTRIBUTE_HEADER = 4
const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Byte by byte: a view for each number would cost more than all the rest. */
export function getU16(bytes: Uint8Array, offset: number): number {
  const [first, second] = [bytes[offset] ?? 0, bytes[offset + 1] ?? 0]
  return LITTLE ? first | (second << 8) : (first << 8) | second
}

export const getU32 = (bytes: Uint8Array, offset: number): number => getS32(bytes, offset) >>> 0

export function getS32(bytes: Uint8Array, offset: number): number {
  const [low, high] = LITTLE ? [offset, offset + 2] : [offset + 2, offset]
  return getU16(bytes, low) | (getU16(bytes, high) << 16)
}

function putU16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[LITTLE ? offset : offset + 1] = value
  bytes[LITTLE ? offset + 1 : offset] = value >>> 8
}

function putU32(bytes: Uint8Array, offset: number, value: number): void {
  putU16(bytes, LITTLE ? offset : offset + 2, value)
  putU16(bytes, LITTLE ? offset + 2 : offset, value >>> 16)
}

export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  putU32(bytes, 0, value)
  return bytes
}

const align = (length: number): number => (length + 3) & ~3

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** `nlmsghdr` and payload, padded to four bytes. The port stays 0: the kernel knows the sender. */
export function encodeMessage(request: NetlinkRequest, seq: number): Uint8Array {
  const length = HEADER + request.payload.length
  const bytes = new Uint8Array(align(length))
  putU32(bytes, 0, length)
  putU16(bytes, 4, request.type)
  putU16(bytes, 6, request.flags)
  putU32(bytes, 8, seq)
  bytes.set(request.payload, HEADER)
  return bytes
}

/** All messages of one datagram. */
export function decodeMessages(bytes: Uint8Array): Result<readonly NetlinkMessage[], string> {
  const messages: NetlinkMessage[] = []
  for (let offset = 0; offset < bytes.length; ) {
    if (bytes.length - offset < HEADER) return err(`${bytes.length - offset} stray bytes after a netlink message`)
    const length = getU32(bytes, offset)
    if (length < HEADER || length > bytes.length - offset) return err(`a netlink message claims ${length} bytes`)
    messages.push({
      type: getU16(bytes, offset + 4),
      flags: getU16(bytes, offset + 6),
      seq: getU32(bytes, offset + 8),
      port: getU32(bytes, offset + 12),
      payload: bytes.subarray(offset + HEADER, offset + length),
    })
    offset += align(length)
  }
  return ok(messages)
}

/** What NLMSG_ERROR and NLMSG_DONE begin with: 0 or a negative errno; undefined when the message is too short. */
export const statusOf = (message: NetlinkMessage): number | undefined =>
  message.payload.length < 4 ? undefined : getS32(message.payload, 0)

/** `nlattr` and data, padded to four bytes. */
export function attribute(type: number, data: Uint8Array): Uint8Array {
  const length = ATTRIBUTE_HEADER + data.length
  const bytes = new Uint8Array(align(length))
  putU16(bytes, 0, length)
  putU16(bytes, 2, type)
  bytes.set(data, ATTRIBUTE_HEADER)
  return bytes
}

export const nested = (type: number, attributes: readonly Uint8Array[]): Uint8Array =>
  attribute(type | NLA_F_NESTED, concat(attributes))

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const text = (value: string): Uint8Array => encoder.encode(`${value}\0`)

/** A NUL-terminated string; bytes after the NUL are padding. */
export function getText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))
}

/** The attributes by type (flag bits removed; of equal types the last); undefined when the lengths do not add up. */
export function decodeAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> | undefined {
  const attributes = new Map<number, Uint8Array>()
  for (let offset = 0; offset < bytes.length; ) {
    if (bytes.length - offset < ATTRIBUTE_HEADER) return undefined
    const length = getU16(bytes, offset)
    if (length < ATTRIBUTE_HEADER || length > bytes.length - offset) return undefined
    attributes.set(
      getU16(bytes, offset + 2) & NLA_TYPE_MASK,
      bytes.subarray(offset + ATTRIBUTE_HEADER, offset + length),
    )
    offset += align(length)
  }
  return attributes
}
