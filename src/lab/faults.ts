import { inNamespace, ipBatch, runOrThrow } from './run.ts'
import { type Host, INTERFACE, type Topology } from './topology.ts'

/** What can go wrong with a box's network, and how it is put right again. Each is idempotent. */

/** The switch port goes dark: the box loses its carrier. */
export const darkenPort = (topology: Topology, host: Host): Promise<void> =>
  ipBatch(topology.switch, [`link set dev ${host.name} down`])

export const lightPort = (topology: Topology, host: Host): Promise<void> =>
  ipBatch(topology.switch, [`link set dev ${host.name} up`])

/** The switch forwards nothing for this port any more, while the box still sees a carrier. */
export const blockPort = (topology: Topology, host: Host): Promise<string> =>
  runOrThrow(['bridge', '-n', topology.switch, 'link', 'set', 'dev', host.name, 'state', '0'])

export const unblockPort = (topology: Topology, host: Host): Promise<string> =>
  runOrThrow(['bridge', '-n', topology.switch, 'link', 'set', 'dev', host.name, 'state', '3'])

/** Somebody takes the box's own interface down. */
export const takeInterfaceDown = (host: Host): Promise<void> =>
  ipBatch(host.namespace, [`link set dev ${INTERFACE} down`])

export const bringInterfaceUp = (host: Host): Promise<void> => ipBatch(host.namespace, [`link set dev ${INTERFACE} up`])

const TABLE = 'haup_lab_firewall'

export type Direction = 'in' | 'out'

/** A firewall on the box that eats IP protocol 112 (VRRP), as many do. */
export async function dropAdverts(host: Host, directions: readonly Direction[]): Promise<void> {
  const chains = directions.map((direction) => {
    const hook = direction === 'in' ? 'input' : 'output'
    return `chain ${direction} { type filter hook ${hook} priority 0; ip protocol 112 drop; };`
  })
  await feedNft(host, `table ip ${TABLE} {}\ndelete table ip ${TABLE}\ntable ip ${TABLE} { ${chains.join(' ')} };\n`)
}

export const passAdverts = (host: Host): Promise<void> =>
  feedNft(host, `table ip ${TABLE} {}\ndelete table ip ${TABLE}\n`)

async function feedNft(host: Host, input: string): Promise<void> {
  await runOrThrow(inNamespace(host.namespace, ['nft', '-f', '-']), { input })
}
