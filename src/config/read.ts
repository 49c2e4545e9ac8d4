import { edgeOfSubnet, type Ipv4, type Ipv4Prefix, ipv4ToNumber, parseIpv4, parseIpv4Prefix } from '../shared/ip.ts'
import { printable } from '../shared/log.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { formatDuration, type Micros, parseDuration } from '../shared/units.ts'

/**
 * Readers of single values: from whatever stands in the file, a flag or an answer of the wizard to a checked value.
 * PURE. `message` continues the name of the key ("must be ..."), `remedy` says what to write instead.
 */
export type Complaint = { readonly message: string; readonly remedy: string | undefined }
export type Reader<T> = (value: unknown) => Result<T, Complaint>

/** "must be ..., not ..." or "is missing". */
export const complain = (expected: string, value: unknown, remedy?: string): Result<never, Complaint> =>
  err({ message: value === undefined ? 'is missing' : `must be ${expected}, not ${describe(value)}`, remedy })

export const refuse = (message: string, remedy?: string): Result<never, Complaint> => err({ message, remedy })

function describe(value: unknown): string {
  if (value === null || value === '') return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'string' ? `"${printable(value, 60)}"` : String(value)
}

export const readInteger =
  (min: number, max: number): Reader<number> =>
  (value) => {
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
    return fits ? ok(value) : complain(`a whole number from ${min} to ${max}`, value)
  }

export const readBoolean: Reader<boolean> = (value) => {
  if (typeof value === 'boolean') return ok(value)
  const text = String(value).toLowerCase()
  const meant = YES.includes(text) ? 'write true' : 'write false'
  return complain('true or false', value, [...YES, ...NO].includes(text) ? meant : undefined)
}

const YES = ['yes', 'on', 'true', '1']
const NO = ['no', 'off', 'false', '0']

/** A duration with its unit, between `min` and `max`, both included. */
export const readDuration =
  (min: Micros, max: Micros): Reader<Micros> =>
  (value) => {
    const range = `from ${formatDuration(min)} to ${formatDuration(max)}`
    if (typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value))) {
      return complain('a duration with its unit', value, `write ${value}s, or ${value}ms`)
    }
    const duration = typeof value === 'string' ? parseDuration(value) : undefined
    if (duration === undefined) {
      return complain('a duration such as 500ms, 1s or 2m', value, 'units are us, ms, s, m and h')
    }
    return duration >= min && duration <= max ? ok(duration) : complain(`a duration ${range}`, value)
  }

export const readOneOf =
  <T extends string>(...choices: readonly T[]): Reader<T> =>
  (value) => {
    const choice = choices.find((known) => known === value)
    return choice === undefined ? complain(choices.join(' or '), value) : ok(choice)
  }

export const readIpv4: Reader<Ipv4> = (value) => {
  if (typeof value !== 'string' || value === '') return complain('an IPv4 address such as 192.0.2.11', value)
  if (value.includes(':')) return refuse(`must be an IPv4 address; "${printable(value, 60)}" looks like IPv6`)
  const parsed = parseIpv4(value)
  if (!parsed.ok) return complain('an IPv4 address', value, 'write four numbers from 0 to 255, such as 192.0.2.11')
  const why = notForHosts(parsed.value)
  return why === undefined ? parsed : refuse(`${value} cannot be given to a host: ${why}`)
}

/** `ADDRESS` (/32) or `ADDRESS/LENGTH`, usable by a host. */
export const readPrefix: Reader<Ipv4Prefix> = (value) => {
  if (typeof value !== 'string') return complain('an address such as 192.0.2.100/24', value)
  const address = readIpv4(value.split('/')[0])
  if (!address.ok) return address
  const parsed = parseIpv4Prefix(value)
  if (!parsed.ok) return complain('an address with a prefix length from 1 to 32', value, 'such as 192.0.2.100/24')
  const why = edgeOfSubnet(parsed.value)
  return why === undefined ? parsed : refuse(`${value} cannot be given to a host: ${why}`)
}

function notForHosts(address: Ipv4): string | undefined {
  const number = ipv4ToNumber(address)
  if (number < 0x01000000) return 'it means "no address"'
  if (number >>> 24 === 127) return 'it is a loopback address'
  if (number === 0xffffffff) return 'it is the broadcast address'
  if (number >>> 28 === 14) return 'it is a multicast address'
  return number >>> 28 === 15 ? 'it is reserved' : undefined
}
