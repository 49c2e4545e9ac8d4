import { inNamespace, ipBatch, runOrThrow } from '../../../src/lab/run.ts'
import type { Host, Topology } from '../../../src/lab/topology.ts'

/** A second line between the boxes, a switch of its own; and cuts between boxes that both still reach everybody else. */

const SECOND_SWITCH = 'br1'
const SECOND_INTERFACE = 'eth1'

/** 198.51.100.11 for the box that has 192.0.2.11 on the LAN. */
export const secondAddress = ({ address }: Host): string => address.replace('192.0.2.', '198.51.100.')

export async function addSecondLine({ switch: namespace }: Topology, hosts: readonly Host[]): Promise<void> {
  await ipBatch(namespace, [
    `link add name ${SECOND_SWITCH} type bridge mcast_snooping 0 forward_delay 0`,
    `link set dev ${SECOND_SWITCH} up`,
    ...hosts.flatMap((host) => [
      `link add name ${host.name}-2 type veth peer name ${SECOND_INTERFACE} netns ${host.namespace}`,
      `link set dev ${host.name}-2 master ${SECOND_SWITCH} up`,
    ]),
  ])
  for (const host of hosts) {
    await ipBatch(host.namespace, [
      `link set dev ${SECOND_INTERFACE} addrgenmode none`,
      `addr add ${secondAddress(host)}/24 dev ${SECOND_INTERFACE}`,
      `link set dev ${SECOND_INTERFACE} up`,
    ])
  }
}

const TABLE = 'haup_lab_split'

/** The LAN's switch forwards nothing between these hosts any more; each of them still reaches all others. */
export async function splitHosts(
  { switch: namespace }: Topology,
  a: readonly Host[],
  b: readonly Host[],
): Promise<void> {
  const rules = a.flatMap((one) =>
    b.flatMap((other) => [
      `iifname "${one.name}" oifname "${other.name}" drop;`,
      `iifname "${other.name}" oifname "${one.name}" drop;`,
    ]),
  )
  const chain = `chain forward { type filter hook forward priority 0; ${rules.join(' ')} };`
  await feed(namespace, `${RESET}table bridge ${TABLE} { ${chain} };\n`)
}

export const healSplit = ({ switch: namespace }: Topology): Promise<void> => feed(namespace, RESET)

const RESET = `table bridge ${TABLE} {}\ndelete table bridge ${TABLE}\n`

async function feed(namespace: string, input: string): Promise<void> {
  await runOrThrow(inNamespace(namespace, ['nft', '-f', '-']), { input })
}
