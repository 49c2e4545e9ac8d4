import { EXIT, UserError } from '../../shared/errors.ts'
import type { Ipv4Prefix } from '../../shared/ip.ts'
import type { Result } from '../../shared/result.ts'
import type { LinkState, WatchLinks } from '../ports.ts'
import { followLinks } from './link-follow.ts'
import { stateOf, tableOf } from './link-table.ts'
import { openNetlink } from './netlink.ts'
import { dumpOnce } from './netlink-dump.ts'
import type { NetlinkFailure } from './netlink-exchange.ts'
import { decodeAddress, decodeLink, dumpAddresses, dumpLinks, NETLINK_ROUTE } from './rtnetlink.ts'

/** Needs no capability. Rejects with a UserError when interfaces cannot be read at all. */
export const watchLinks: WatchLinks = async (interfaces, onChange) => {
  const reported = new Map<string, LinkState>()
  const following = await followLinks((table) => {
    for (const name of interfaces) {
      const state = stateOf(name, table)
      const before = reported.get(name)
      // That it has left a bridge tells nothing: what it needs then comes with its addresses.
      const isPortAsBefore = state.portOf === undefined || before?.portOf === state.portOf
      if (before?.up === state.up && before.detail === state.detail && isPortAsBefore) continue
      reported.set(name, state)
      onChange(state)
    }
  })
  return required(following)
}

export type InterfaceAddress = Ipv4Prefix & {
  readonly label: string
  /** IFA_PROTO: who made it; see src/engine/vip/tag.ts for haup's own. */
  readonly protocol: number
}

export type NetworkInterface = {
  readonly name: string
  readonly index: number
  /** `52:54:00:12:34:56` */
  readonly hardwareAddress: string | undefined
  /** Administratively up, with carrier. */
  readonly up: boolean
  readonly addresses: readonly InterfaceAddress[]
}

/** Every interface of this network namespace with its IPv4 addresses, in the kernel's order. Rejects as `watchLinks`. */
export async function listInterfaces(): Promise<readonly NetworkInterface[]> {
  const socket = required(openNetlink({ protocol: NETLINK_ROUTE }))
  try {
    const links = required(await dumpOnce(socket, dumpLinks())).flatMap((message) => decodeLink(message) ?? [])
    const addresses = required(await dumpOnce(socket, dumpAddresses())).flatMap((each) => decodeAddress(each) ?? [])
    const table = tableOf(links)
    return [...table.values()].map((link) => ({
      name: link.name,
      index: link.index,
      hardwareAddress: link.hardwareAddress,
      up: stateOf(link.name, table).up,
      addresses: addresses
        .filter((each) => each.interfaceIndex === link.index)
        .map(({ address, label, protocol }) => ({ ...address, label, protocol })),
    }))
  } finally {
    socket.close()
  }
}

function required<T>(result: Result<T, NetlinkFailure>): T {
  if (result.ok) return result.value
  throw new UserError(`cannot read the network interfaces: ${result.error.message}`, {
    code: 'links.unreadable',
    exitCode: EXIT.environment,
    nextSteps: ['Allow haup netlink sockets (in a systemd unit: RestrictAddressFamilies= must have AF_NETLINK).'],
  })
}
