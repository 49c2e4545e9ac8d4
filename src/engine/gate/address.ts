import { isIPv6 } from 'node:net'
import { ipv4ToBytes, parseIpv4 } from '../../shared/ip.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { GateOwner } from '../ports.ts'

/** A virtual address as the kernel compares it: 4 or 16 bytes in network order. */
export type GateAddress = { readonly version: 4 | 6; readonly bytes: Uint8Array }

/** An instance and its virtual addresses. */
export type Owner = {
  readonly name: string
  readonly addresses: readonly GateAddress[]
  /** In whose name hosts are asked while it is closed. */
  readonly asking: Uint8Array | undefined
}

/** Every address has one owner. */
export function parseOwners(owners: readonly GateOwner[]): Result<readonly Owner[], string> {
  const seen = new Map<string, string>()
  const parsed: Owner[] = []
  for (const { owner, addresses, asking } of owners) {
    if (parsed.some(({ name }) => name === owner)) return err(`two owners have the name ${owner}`)
    const own: GateAddress[] = []
    for (const text of addresses) {
      const address = parseGateAddress(text)
      if (!address.ok) return address
      const key = address.value.bytes.join('.')
      if (seen.has(key)) return err(`${text} belongs to ${seen.get(key)} and to ${owner}`)
      seen.set(key, owner)
      own.push(address.value)
    }
    parsed.push({ name: owner, addresses: own, asking: asking === undefined ? undefined : ipv4ToBytes(asking) })
  }
  return ok(parsed)
}

/** IPv4 in dotted form, or IPv6 in any form of RFC 4291 without a zone. */
export function parseGateAddress(text: string): Result<GateAddress, string> {
  const v4 = parseIpv4(text)
  if (v4.ok) return ok({ version: 4, bytes: ipv4ToBytes(v4.value) })
  if (!isIPv6(text) || text.includes('%')) return err(`"${text}" is neither an IPv4 nor an IPv6 address`)
  return ok({ version: 6, bytes: ipv6Bytes(text) })
}

function ipv6Bytes(text: string): Uint8Array {
  const [left = '', right] = text.split('::')
  const head = bytesOf(left)
  const tail = right === undefined ? [] : bytesOf(right)
  return Uint8Array.from([...head, ...Array<number>(16 - head.length - tail.length).fill(0), ...tail])
}

/** Groups of four hexadecimal digits, and perhaps an IPv4 address at the end. */
const bytesOf = (groups: string): readonly number[] =>
  groups.split(':').flatMap((group) => {
    if (group === '') return []
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
