import type { NetworkInterfaceInfo } from 'node:os'
import { type Ipv4, parseIpv4 } from '../../shared/ip.ts'
import type { HostAddress, KeepalivedFacts, Listening } from './facts.ts'

/** Reading the kernel's tables and keepalived's configuration. PURE. */

/** A listening socket with the inode that says whose it is. */
export type ListeningSocket = Listening & { readonly inode: number }

const LISTEN = '0A'

/** /proc/net/tcp or /proc/net/tcp6; sockets that no IPv4 client can reach are left out. */
export function interpretProcNetTcp(table: string): ListeningSocket[] {
  return table.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
    const [hexAddress = '', hexPort = ''] = local?.split(':') ?? []
    const address = state === LISTEN ? addressOf(hexAddress) : undefined
    if (address === undefined || !/^[0-9A-F]{4}$/.test(hexPort)) return []
    return [{ address, port: Number.parseInt(hexPort, 16), inode: Number(inode) }]
  })
}

const ANY_V6 = '0'.repeat(32)
const MAPPED = `${'0'.repeat(16)}FFFF0000`

/** The kernel prints 32-bit words in the machine's order: least significant byte first here. */
function addressOf(hex: string): string | undefined {
  if (hex === ANY_V6) return '0.0.0.0'
  const word = hex.length === 32 && hex.startsWith(MAPPED) ? hex.slice(24) : hex
  if (!/^[0-9A-F]{8}$/.test(word)) return undefined
  return [6, 4, 2, 0].map((at) => Number.parseInt(word.slice(at, at + 2), 16)).join('.')
}

/** /proc/net/route: interface of the default route with the lowest metric. */
export const interpretProcNetRoute = (table: string): string | undefined => defaultRoute(table)?.name

/** Its gateway; undefined when the route has none. */
export function gatewayOf(table: string): Ipv4 | undefined {
  const gateway = parseIpv4(addressOf(defaultRoute(table)?.gateway ?? '') ?? '')
  return gateway.ok && gateway.value !== '0.0.0.0' ? gateway.value : undefined
}

function defaultRoute(table: string): { readonly name: string; readonly gateway: string } | undefined {
  const routes = table.split('\n').flatMap((line) => {
    const [name, destination, gateway = '', , , , metric, mask] = line.trim().split(/\s+/)
    const isDefault = destination === '00000000' && mask === '00000000'
    return isDefault && name !== undefined ? [{ name, gateway, metric: Number(metric) }] : []
  })
  return routes.toSorted((a, b) => a.metric - b.metric)[0]
}

/** `os.networkInterfaces()`: usable IPv4 addresses, those of the default route's interface first. */
export function interpretInterfaces(
  interfaces: Readonly<Record<string, NetworkInterfaceInfo[] | undefined>>,
  defaultInterface: string | undefined,
): HostAddress[] {
  const found = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap((info): HostAddress[] => {
      const parsed = parseIpv4(info.address)
      if (info.internal || info.family !== 'IPv4' || !parsed.ok) return []
      return [{ interface: name, address: parsed.value, length: Number(info.cidr?.split('/')[1] ?? 32) }]
    }),
  )
  const rank = (entry: HostAddress): number => (entry.interface === defaultInterface ? 0 : 1)
  return found.toSorted((a, b) => rank(a) - rank(b))
}

/** keepalived.conf: which protocol version it speaks and which VRIDs it uses. Comments begin with ! or #. */
export function interpretKeepalived(content: string): Omit<KeepalivedFacts, 'isRunning'> {
  const lines = content.split('\n').map((line) => line.replace(/[!#].*$/, '').trim())
  const values = (keyword: string): number[] =>
    lines.flatMap((line) => {
      const match = new RegExp(`^${keyword}\\s+(\\d{1,3})$`).exec(line)
      return match?.[1] === undefined ? [] : [Number(match[1])]
    })
  const isVersion3 = [...values('vrrp_version'), ...values('version')].includes(3)
  return { version: isVersion3 ? 3 : 2, vrids: values('virtual_router_id') }
}

/** linux/if.h */
const IFF_MULTICAST = 0x1000

/** /sys/class/net/NAME/flags: `0x1003`. */
export const hasMulticast = (flags: string): boolean => (Number(flags.trim()) & IFF_MULTICAST) !== 0
