import { err, ok, type Result } from './result.ts'

/** An IPv4 address in canonical dotted form. Get one from `parseIpv4` or `ipv4FromBytes`. */
export type Ipv4 = string & { readonly __ip: 4 }

/** An address with its prefix length, as `192.0.2.10/24`. */
export type Ipv4Prefix = { readonly address: Ipv4; readonly length: number }

/** Four decimal numbers without leading zeros; the error says what is wrong with the text. */
export function parseIpv4(text: string): Result<Ipv4, string> {
  const parts = text.split('.')
  if (parts.length !== 4) return err(`"${text}" is not an IPv4 address (four numbers such as 192.0.2.10)`)
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) {
      return err(`"${text}" is not an IPv4 address: "${part}" is not a number from 0 to 255`)
    }
  }
  return ok(text as Ipv4)
}

/** `ADDRESS` or `ADDRESS/LENGTH`; without a length the prefix is the host's own, /32. */
export function parseIpv4Prefix(text: string): Result<Ipv4Prefix, string> {
  const [address = '', length, ...rest] = text.split('/')
  const parsed = parseIpv4(address)
  if (!parsed.ok) return parsed
  if (length === undefined) return ok({ address: parsed.value, length: 32 })
  if (rest.length > 0 || !/^\d{1,2}$/.test(length) || Number(length) > 32 || Number(length) < 1) {
    return err(`"${text}" has no valid prefix length (1 to 32)`)
  }
  return ok({ address: parsed.value, length: Number(length) })
}

export const formatPrefix = (prefix: Ipv4Prefix): string => `${prefix.address}/${prefix.length}`

/** The 4 bytes in network order, as an unsigned number (never use it signed: 200.x would compare as negative). */
export const ipv4ToNumber = (address: Ipv4): number =>
  address.split('.').reduce((sum, part) => (sum * 256 + Number(part)) >>> 0, 0)

export const ipv4FromNumber = (value: number): Ipv4 =>
  [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.') as Ipv4

export const ipv4ToBytes = (address: Ipv4): Uint8Array => Uint8Array.from(address.split('.'), Number)

/** The address in the four bytes at `offset`; the caller has checked the length. */
export const ipv4FromBytes = (bytes: Uint8Array, offset = 0): Ipv4 =>
  `${bytes[offset] ?? 0}.${bytes[offset + 1] ?? 0}.${bytes[offset + 2] ?? 0}.${bytes[offset + 3] ?? 0}` as Ipv4

/** Order by network byte order (RFC 9568 6.4.3): negative when `a` is lower. */
export const compareIpv4 = (a: Ipv4, b: Ipv4): number => ipv4ToNumber(a) - ipv4ToNumber(b)

export const sameSubnet = (a: Ipv4, b: Ipv4, length: number): boolean => {
  const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0
  return (ipv4ToNumber(a) & mask) >>> 0 === (ipv4ToNumber(b) & mask) >>> 0
}

/** Why it is no host's; undefined: it may be one. */
export function edgeOfSubnet({ address, length }: Ipv4Prefix): string | undefined {
  if (length > 30) return undefined
  const hostBits = 2 ** (32 - length) - 1
  const host = (ipv4ToNumber(address) & hostBits) >>> 0
  if (host === 0) return `it is the network address of its /${length}`
  return host === hostBits ? `it is the broadcast address of its /${length}` : undefined
}
