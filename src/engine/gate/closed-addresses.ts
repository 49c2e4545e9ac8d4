import { type Ipv4, ipv4FromBytes } from '../../shared/ip.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { openNetlink } from '../io/netlink.ts'
import { dumpOnce } from '../io/netlink-dump.ts'
import { dumpElements, NETLINK_NETFILTER, NFPROTO_INET } from './nftables.ts'
import { keysIn } from './read-back.ts'
import { CLOSED_TABLE, CLOSED_V4 } from './tables.ts'

/** The IPv4 addresses that the gate closes now, whoever set it up; none where there is no gate. */
export async function readClosedAddresses(): Promise<Result<readonly Ipv4[], string>> {
  const opened = openNetlink({ protocol: NETLINK_NETFILTER })
  if (!opened.ok) return opened.error.code === 'EPROTONOSUPPORT' ? ok([]) : err(opened.error.message)
  try {
    const dumped = await dumpOnce(opened.value, dumpElements(NFPROTO_INET, CLOSED_TABLE, CLOSED_V4))
    if (!dumped.ok) return dumped.error.code === 'ENOENT' ? ok([]) : err(dumped.error.message)
    return ok(dumped.value.flatMap(keysIn).flatMap((key) => (key.length >= 4 ? [ipv4FromBytes(key)] : [])))
  } finally {
    opened.value.close()
  }
}
