import { err, ok, type Result } from '../../shared/result.ts'
import { type NetlinkSocket, openNetlink } from '../io/netlink.ts'
import { parseGateAddress } from './address.ts'
import { endHandingOn } from './move-requests.ts'
import { batch, NETLINK_NETFILTER, NFPROTO_ARP, NFPROTO_INET, removeElement } from './nftables.ts'
import { describe } from './set-up.ts'
import { CLOSED_TABLE } from './tables.ts'

/**
 * Takes addresses out of the closed tables that an engine left, for good: without an engine nothing else opens them. Others
 * stay closed; the next engine makes the tables anew. What these owners handed on in a planned move stays here from now on.
 * Idempotent, and nothing where there is no gate.
 */
export async function exemptFromGate(
  owners: readonly string[],
  addresses: readonly string[],
): Promise<Result<void, string>> {
  const opened = openNetlink({ protocol: NETLINK_NETFILTER })
  if (!opened.ok) return opened.error.code === 'EPROTONOSUPPORT' ? ok(undefined) : err(describe(opened.error))
  try {
    for (const text of addresses) {
      const exempted = await exempt(opened.value, text)
      if (!exempted.ok) return exempted
    }
    for (const owner of owners) {
      const ended = await opened.value.transactBatch(batch([endHandingOn(owner)]))
      if (!ended.ok && !WITHOUT.includes(ended.error.code))
        return err(`what comes for ${owner} is handed on to another node: ${describe(ended.error)}`)
    }
    return ok(undefined)
  } finally {
    opened.value.close()
  }
}

async function exempt(socket: NetlinkSocket, text: string): Promise<Result<void, string>> {
  const address = parseGateAddress(text)
  if (!address.ok) return address
  const { version, bytes } = address.value
  const places: readonly (readonly [family: number, set: string, key: Uint8Array])[] =
    version === 6
      ? [[NFPROTO_INET, 'vip6', bytes]]
      : [
          [NFPROTO_ARP, 'announced', Uint8Array.of(...bytes, ...bytes)],
          [NFPROTO_ARP, 'vip4', bytes],
          [NFPROTO_INET, 'vip4', bytes],
        ]
  for (const [family, set, key] of places) {
    const gone = await removeAndLook(socket, family, set, key)
    if (!gone.ok) return err(`the gate of ${text} stays closed: ${gone.error}`)
  }
  return ok(undefined)
}

/** Gone is what the kernel refuses to remove because it is not there: removed first, then looked for. */
async function removeAndLook(
  socket: NetlinkSocket,
  family: number,
  set: string,
  key: Uint8Array,
): Promise<Result<void, string>> {
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const removed = await socket.transactBatch(batch([removeElement(family, CLOSED_TABLE, set, key)]))
    if (!removed.ok) return WITHOUT.includes(removed.error.code) ? ok(undefined) : err(describe(removed.error))
  }
  return err('the kernel keeps it')
}

/** No such element, set or table; no nf_tables, or not this family. */
const WITHOUT: readonly string[] = ['ENOENT', 'EOPNOTSUPP', 'ENOTSUP', 'EAFNOSUPPORT', 'EPROTONOSUPPORT']
