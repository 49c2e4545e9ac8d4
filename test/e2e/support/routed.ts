import { inNamespace, ipBatch, runOrThrow } from '../../../src/lab/run.ts'
import { type Host, INTERFACE, PREFIX_LENGTH, type Topology } from '../../../src/lab/topology.ts'

/** A box behind a router: on a LAN of its own, which the router connects to that of the others. */

const FAR_SWITCH = 'br2'
const FAR_INTERFACE = 'eth1'

/** 203.0.113.12 for the box that has 192.0.2.12 on the LAN. */
export const farAddress = ({ address }: Host): string => address.replace('192.0.2.', '203.0.113.')

export async function moveBehindRouter({ switch: lan }: Topology, far: Host, router: Host, near: Host): Promise<void> {
  const gateway = farAddress(router)
  await ipBatch(lan, [
    `link add name ${FAR_SWITCH} type bridge mcast_snooping 0 forward_delay 0`,
    `link set dev ${FAR_SWITCH} up`,
    `link set dev ${far.name} master ${FAR_SWITCH}`,
    `link add name ${router.name}-2 type veth peer name ${FAR_INTERFACE} netns ${router.namespace}`,
    `link set dev ${router.name}-2 master ${FAR_SWITCH} up`,
  ])
  await ipBatch(router.namespace, [
    `addr add ${gateway}/${PREFIX_LENGTH} dev ${FAR_INTERFACE}`,
    `link set dev ${FAR_INTERFACE} up`,
  ])
  await runOrThrow(inNamespace(router.namespace, ['sysctl', '-qw', 'net.ipv4.ip_forward=1']))
  await ipBatch(far.namespace, [
    `addr add ${farAddress(far)}/${PREFIX_LENGTH} dev ${INTERFACE}`,
    `addr del ${far.address}/${PREFIX_LENGTH} dev ${INTERFACE}`,
    `route add default via ${gateway}`,
  ])
  await ipBatch(near.namespace, [`route add default via ${router.address}`])
}
