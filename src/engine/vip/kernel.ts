import { isDeepStrictEqual } from 'node:util'
import { err, ok, type Result } from '../../shared/result.ts'
import { type NetlinkSocket, openNetlink } from '../io/netlink.ts'
import { dumpOnce } from '../io/netlink-dump.ts'
import type { NetlinkFailure, NetlinkReply } from '../io/netlink-exchange.ts'
import type { NetlinkRequest } from '../io/netlink-message.ts'
import {
  addAddress,
  decodeAddress,
  dumpAddresses,
  IFA_F_NOPREFIXROUTE,
  interfaceOf,
  type KernelAddress,
  limitAddress,
  markAddress,
  NETLINK_ROUTE,
  promoteSecondaries,
  removeAddress,
  restoreAddress,
} from '../io/rtnetlink.ts'
import { kernelInterfaces } from './interfaces.ts'
import { createPromotionNotes, type PromotionNotes } from './promotion.ts'
import { createWithheldNotes, type WithheldNotes } from './withheld.ts'

/** An address to be made; `ownRoute: false` keeps the kernel from adding the route to its subnet. */
export type NewAddress = Pick<KernelAddress, 'interfaceIndex' | 'address' | 'label' | 'protocol'> & {
  readonly ownRoute: boolean
}

/** The kernel's table of IPv4 addresses. Replies come in the order of what was asked. */
export type AddressKernel = {
  readonly list: () => Promise<Result<readonly KernelAddress[], NetlinkFailure>>
  readonly add: (addresses: readonly NewAddress[]) => Promise<readonly NetlinkReply[]>
  readonly remove: (addresses: readonly KernelAddress[]) => Promise<readonly NetlinkReply[]>
  /** They expire after `seconds` unless limited anew. */
  readonly limit: (addresses: readonly KernelAddress[], seconds: number) => Promise<readonly NetlinkReply[]>
  /** Gives addresses that exist this protocol, in place. */
  readonly mark: (addresses: readonly KernelAddress[]) => Promise<readonly NetlinkReply[]>
  /** Takes others' addresses away, noted first, so that `giveBack` can set them as they were. */
  readonly withhold: (addresses: readonly KernelAddress[]) => Promise<readonly NetlinkReply[]>
  /** Sets what was withheld as it was, also what an engine that was killed had withheld. */
  readonly giveBack: () => Promise<readonly NetlinkReply[]>
  /** Turns on `promote_secondaries`: the removal of a primary address leaves its secondaries. */
  readonly promote: (interfaceIndexes: readonly number[]) => Promise<readonly NetlinkReply[]>
  /** Turns it off where it was off before, also before an engine that was killed. */
  readonly unpromote: () => Promise<void>
  readonly close: () => void
}

/** Requests per datagram: their acknowledgements fit into the smallest usual receive buffer (208 KiB). */
const BATCH = 64

/** Over one rtnetlink socket, opened when first needed and again after it failed. Changes need CAP_NET_ADMIN. */
export function createAddressKernel(
  notes: PromotionNotes = createPromotionNotes(),
  withheld: WithheldNotes = createWithheldNotes(),
): AddressKernel {
  const session = createSession()
  const change = async (requests: readonly NetlinkRequest[]): Promise<readonly NetlinkReply[]> => {
    const replies: NetlinkReply[] = []
    for (let at = 0; at < requests.length; at += BATCH) {
      const batch = requests.slice(at, at + BATCH)
      const opened = session.socket()
      const answered = opened.ok ? await opened.value.transact(batch) : batch.map(() => opened)
      session.judge(answered)
      replies.push(...answered)
    }
    return replies
  }
  return {
    list: async () => {
      const opened = session.socket()
      if (!opened.ok) return opened
      const dump = await dumpOnce(opened.value, dumpAddresses())
      session.judge([dump])
      return dump.ok ? ok(dump.value.flatMap((message) => decodeAddress(message) ?? [])) : dump
    },
    add: (addresses) => change(addresses.map((each) => addAddress(each, each.ownRoute ? 0 : IFA_F_NOPREFIXROUTE))),
    remove: (addresses) => change(addresses.map(removeAddress)),
    limit: (addresses, seconds) => change(addresses.map((each) => limitAddress(each, seconds))),
    mark: (addresses) => change(addresses.map(markAddress)),
    withhold: async (addresses) => {
      const opened = session.socket()
      if (!opened.ok) return [opened]
      const dump = await dumpOnce(opened.value, dumpAddresses())
      session.judge([dump])
      if (!dump.ok) return [dump]
      const isOne = (found: KernelAddress | undefined): boolean =>
        found !== undefined && addresses.some((each) => isDeepStrictEqual(each, found))
      const messages = dump.value.filter((message) => isOne(decodeAddress(message)))
      const noted = withheld.note(
        messages.flatMap(({ payload }) => {
          const name = kernelInterfaces.nameOf(interfaceOf(payload))
          return name === undefined ? [] : [{ interfaceName: name, payload }]
        }),
      )
      if (!noted.ok) return [err({ code: 'EIO', message: noted.error })]
      return change(messages.flatMap((message) => decodeAddress(message) ?? []).map(removeAddress))
    },
    giveBack: async () => {
      const requests = withheld.noted().flatMap(({ interfaceName, payload, secondsAgo }) => {
        const index = kernelInterfaces.indexOf(interfaceName)
        // An interface that was made anew has lost its addresses by itself.
        const isIt = index.ok && index.value === interfaceOf(payload)
        return (isIt ? restoreAddress(payload, index.value, secondsAgo) : undefined) ?? []
      })
      const replies = await change(requests)
      withheld.forget()
      return replies
    },
    promote: (interfaceIndexes) => {
      notes.note(interfaceIndexes.flatMap((index) => kernelInterfaces.nameOf(index) ?? []))
      return change(interfaceIndexes.map((index) => promoteSecondaries(index)))
    },
    unpromote: async () => {
      const noted = notes.noted().map((name) => kernelInterfaces.indexOf(name))
      await change(noted.flatMap((index) => (index.ok ? [promoteSecondaries(index.value, false)] : [])))
      notes.forget()
    },
    close: session.close,
  }
}

type Session = {
  readonly socket: () => Result<NetlinkSocket, NetlinkFailure>
  /** A socket that did not answer is given up. */
  readonly judge: (replies: readonly NetlinkReply[]) => void
  readonly close: () => void
}

function createSession(): Session {
  let socket: NetlinkSocket | undefined
  let closed = false
  const drop = (): void => {
    socket?.close()
    socket = undefined
  }
  return {
    socket: () => {
      if (closed) return err({ code: 'EBADF', message: 'the address port is closed' })
      if (socket !== undefined) return ok(socket)
      const opened = openNetlink({ protocol: NETLINK_ROUTE, onLost: drop })
      if (opened.ok) socket = opened.value
      return opened
    },
    judge: (replies) => {
      if (replies.some((reply) => !reply.ok && reply.error.code === 'ETIMEDOUT')) drop()
    },
    close: () => {
      closed = true
      drop()
    },
  }
}
