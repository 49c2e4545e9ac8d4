import { ipBatch } from '../../../src/lab/run.ts'
import { type Host, INTERFACE, PREFIX_LENGTH } from '../../../src/lab/topology.ts'

/** What virtualisation does to a box: its interface becomes the port of a bridge, which gets the box's address. */

export const BRIDGE = 'br0'

export const moveToBridge = ({ namespace, address }: Host): Promise<void> =>
  ipBatch(namespace, [
    `link add name ${BRIDGE} type bridge mcast_snooping 0 forward_delay 0`,
    `link set dev ${BRIDGE} up`,
    `link set dev ${INTERFACE} master ${BRIDGE}`,
    `addr del ${address}/${PREFIX_LENGTH} dev ${INTERFACE}`,
    `addr add ${address}/${PREFIX_LENGTH} dev ${BRIDGE}`,
  ])

export const moveBack = ({ namespace, address }: Host): Promise<void> =>
  ipBatch(namespace, [`link del ${BRIDGE}`, `addr add ${address}/${PREFIX_LENGTH} dev ${INTERFACE}`])
