import { type Ipv4, ipv4FromBytes, ipv4ToBytes } from '../../shared/ip.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { formatDuration, fromMillis, fromSeconds, type Micros, toMillis, toSeconds } from '../../shared/units.ts'
import { internetChecksum, pseudoHeader } from './checksum.ts'
import { equalBytes, PASSWORD_LENGTH } from './password.ts'
import type { Advert, Authentication, ChecksumForm, Priority, RejectReason, RouterConfig, Version } from './types.ts'

/**
 * The VRRP message itself, IPv4 only: VRRPv2 (RFC 3768 5.1, with RFC 2338's password) and VRRPv3 (RFC 9568 5.2).
 *
 *   0 version, type   1 VRID   2 priority   3 count   4 v2: auth type, v3: interval bits 11..8 under a reserved nibble
 *   5 v2: seconds, v3: interval bits 7..0 (centiseconds)   6 checksum (2)   8 addresses   v2: authentication data (8)
 */
export const HEADER_LENGTH = 8
const ADDRESS_LENGTH = 4
const TYPE_ADVERTISEMENT = 1
const AUTH_NONE = 0
const AUTH_PASSWORD = 1
const MAX_V2_SECONDS = 255
const MAX_V3_CENTISECONDS = 4095
const CENTISECOND_MILLIS = 10
/** What keepalived 2.4 appends with `auth_hmac`. */
const HMAC_TRAILER_LENGTH = 28
/** CARP shares protocol, group and first byte with VRRPv2, and has 7 where VRRP counts addresses. */
const CARP = { length: 36, count: 7 }

export type Refusal = { readonly reason: RejectReason; readonly detail: string }
export type Route = { readonly source: Ipv4; readonly destination: Ipv4 }

const messageLength = (version: Version, count: number): number =>
  HEADER_LENGTH + count * ADDRESS_LENGTH + (version === 2 ? PASSWORD_LENGTH : 0)

/** Throws a RangeError for a value that does not fit its field: validation has to exclude it. */
export function encodeMessage(config: RouterConfig, priority: Priority, route: Route): Uint8Array {
  const { version, addresses } = config
  const bytes = new Uint8Array(messageLength(version, within('address count', addresses.length, 1, 255)))
  const view = new DataView(bytes.buffer)
  view.setUint8(0, (version << 4) | TYPE_ADVERTISEMENT)
  view.setUint8(1, within('VRID', config.vrid, 1, 255))
  view.setUint8(2, within('priority', priority, 0, 255))
  view.setUint8(3, addresses.length)
  view.setUint16(4, version === 2 ? authAndSeconds(config) : centiseconds(config.advertInterval))
  for (const [index, address] of addresses.entries()) {
    bytes.set(ipv4ToBytes(address), HEADER_LENGTH + index * ADDRESS_LENGTH)
  }
  if (version === 2 && config.authentication.kind === 'password') {
    bytes.set(config.authentication.password, bytes.length - PASSWORD_LENGTH)
  }
  view.setUint16(6, checksumOf(bytes, version === 2 ? 'message' : config.checksum.send, route))
  return bytes
}

const authAndSeconds = ({ authentication, advertInterval }: RouterConfig): number =>
  authType(authentication) * 256 + within('seconds', toSeconds(advertInterval), 1, MAX_V2_SECONDS)

const centiseconds = (interval: Micros): number =>
  within('centiseconds', toMillis(interval) / CENTISECOND_MILLIS, 1, MAX_V3_CENTISECONDS)

const authType = ({ kind }: Authentication): number => (kind === 'none' ? AUTH_NONE : AUTH_PASSWORD)

function within(what: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`${what} ${value} is not a whole number in ${low}..${high}`)
  }
  return value
}

/** 0 over a message whose checksum field is right; the value to fill in while the field is 0. */
const checksumOf = (bytes: Uint8Array, form: ChecksumForm, { source, destination }: Route): number =>
  form === 'pseudo' ? internetChecksum(pseudoHeader(source, destination, bytes.length), bytes) : internetChecksum(bytes)

/** `bytes` hold at least the 8 fixed ones, and their VRID is `config`'s. Never throws. */
export function decodeMessage(bytes: Uint8Array, config: RouterConfig, route: Route): Result<Advert, Refusal> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const refused =
    checkForm(view, config.version) ?? checkSum(bytes, config, route) ?? checkAgreement(bytes, view, config)
  if (refused !== undefined) return err(refused)
  const addresses = Array.from({ length: view.getUint8(3) }, (_, index) =>
    ipv4FromBytes(bytes, HEADER_LENGTH + index * ADDRESS_LENGTH),
  )
  const { version, vrid } = config
  return ok({ version, vrid, priority: view.getUint8(2), interval: intervalOf(view, version), addresses })
}

function checkForm(view: DataView, expected: Version): Refusal | undefined {
  const version = view.getUint8(0) >> 4
  const type = view.getUint8(0) & 0x0f
  const count = view.getUint8(3)
  if (version !== expected) return refuse('version', `VRRP version ${version} instead of ${expected}`)
  if (type !== TYPE_ADVERTISEMENT) return refuse('type', `message type ${type} instead of 1 (advertisement)`)
  // RFC 9568 5.2.5: must be ignored; VRRPv2 is silent about it and keepalived accepts it.
  if (version === 3 && count === 0) return refuse('count', 'no address in it')
  const length = messageLength(expected, count)
  if (view.byteLength === length) return undefined
  return refuse('length', `${view.byteLength} bytes, but ${count} addresses make ${length}${lengthHint(view, length)}`)
}

function lengthHint(view: DataView, expected: number): string {
  if (view.byteLength === CARP.length && view.getUint8(3) === CARP.count) return ' (it looks like CARP)'
  if (view.byteLength === expected + HMAC_TRAILER_LENGTH) return ' (it looks like keepalived auth_hmac)'
  return ''
}

function checkSum(bytes: Uint8Array, config: RouterConfig, route: Route): Refusal | undefined {
  const right = (form: ChecksumForm): boolean => checksumOf(bytes, form, route) === 0
  if (config.version === 2) return right('message') ? undefined : refuse('checksum', 'wrong checksum')
  const { accept } = config.checksum
  if (accept !== 'message' && right('pseudo')) return undefined
  if (accept !== 'pseudo' && right('message')) return undefined
  if (accept === 'pseudo' && right('message')) {
    return refuse('checksum', 'its checksum leaves the pseudo-header out (RFC 9568 5.2.8), ours covers it')
  }
  if (accept === 'message' && right('pseudo')) {
    return refuse('checksum', 'its checksum covers the pseudo-header, ours leaves it out (RFC 9568 5.2.8)')
  }
  return refuse('checksum', 'wrong checksum')
}

/** What both sides must have been told alike. RFC 9568 7.1; RFC 3768 7.1; RFC 2338 7.1 for the password */
function checkAgreement(bytes: Uint8Array, view: DataView, config: RouterConfig): Refusal | undefined {
  const { version, authentication } = config
  const theirs = intervalOf(view, version)
  if (version === 3) return theirs > 0 ? undefined : refuse('interval', 'advertisement interval 0')
  const type = view.getUint8(4)
  if (type > AUTH_PASSWORD) return refuse('auth-type', `authentication type ${type} is not supported`)
  if (type !== authType(authentication)) {
    const detail = type === AUTH_NONE ? 'it has no password, we have one' : 'it has a password, we have none'
    return refuse('auth-type', detail)
  }
  if (authentication.kind === 'password') {
    const password = bytes.subarray(bytes.length - PASSWORD_LENGTH)
    if (!equalBytes(password, authentication.password)) return refuse('auth-data', 'wrong password')
  }
  if (theirs === config.advertInterval) return undefined
  return refuse(
    'interval',
    `advertisement interval ${formatDuration(theirs)} instead of ${formatDuration(config.advertInterval)}`,
  )
}

const refuse = (reason: RejectReason, detail: string): Refusal => ({ reason, detail })

function intervalOf(view: DataView, version: Version): Micros {
  if (version === 2) return fromSeconds(view.getUint8(5))
  return fromMillis((view.getUint16(4) & MAX_V3_CENTISECONDS) * CENTISECOND_MILLIS)
}
