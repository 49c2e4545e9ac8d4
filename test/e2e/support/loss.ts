import { setTimeout as delay } from 'node:timers/promises'
import { inNamespace, runOrThrow } from '../../../src/lab/run.ts'
import type { Host, Topology } from '../../../src/lab/topology.ts'
import { createRandom } from '../../sim/random.ts'

/** Lines that lose packets: at the LAN's switch, by direction, and at a box's own door. Each replaces the one before. */

/** What the switch does not pass on from one host to another; of a hundred frames so many at random, ARP included. */
export type Loss = { readonly from: Host; readonly to: Host; readonly percent: number }

const TABLE = 'haup_lab_loss'

export async function loseBetween({ switch: namespace }: Topology, losses: readonly Loss[]): Promise<void> {
  const rules = losses.map(
    ({ from, to, percent }) => `iifname "${from.name}" oifname "${to.name}"${chance(percent)} drop;`,
  )
  await feed(namespace, 'bridge', `chain forward { type filter hook forward priority 0; ${rules.join(' ')} };`)
}

/** A port with a carrier and no traffic, in one direction or both: spanning tree, a wrong VLAN, a cable with a broken pair. */
export function deafen(topology: Topology, host: Host, ways: readonly ('in' | 'out')[] = ['in', 'out']): Promise<void> {
  const others = topology.hosts.filter(({ name }) => name !== host.name)
  const lost = (from: Host, to: Host): Loss => ({ from, to, percent: 100 })
  return loseBetween(
    topology,
    others.flatMap((other) => ways.map((way) => (way === 'in' ? lost(other, host) : lost(host, other)))),
  )
}

export const loseNothing = ({ switch: namespace }: Topology): Promise<void> => feed(namespace, 'bridge')

const chance = (percent: number): string => (percent >= 100 ? '' : ` numgen random mod 100 < ${percent}`)

/** What a box's own firewall drops on its way in, as an nft expression: `udp dport 7112`. */
export const dropOnInput = ({ namespace }: Host, what: string): Promise<void> =>
  feed(namespace, 'ip', `chain in { type filter hook input priority 0; ${what} drop; };`)

export const dropNothing = ({ namespace }: Host): Promise<void> => feed(namespace, 'ip')

async function feed(namespace: string, family: 'ip' | 'bridge', chain?: string): Promise<void> {
  const reset = `table ${family} ${TABLE} {}\ndelete table ${family} ${TABLE}\n`
  const input = chain === undefined ? reset : `${reset}table ${family} ${TABLE} { ${chain} };\n`
  await runOrThrow(inNamespace(namespace, ['nft', '-f', '-']), { input })
}

const BURST_MS = [200, 3_000] as const
const CALM_MS = [200, 3_000] as const

/** Everything between two hosts is lost in bursts, 0.2 to 3 s each, as long between them; the same for each seed. */
export async function loseInBursts(topology: Topology, pair: readonly [Host, Host], lastsMs: number, seed: number) {
  const random = createRandom(seed)
  const between = ([least, most]: readonly [number, number]): number => least + (most - least) * random.next()
  const [a, b] = pair
  const all: readonly Loss[] = [
    { from: a, to: b, percent: 100 },
    { from: b, to: a, percent: 100 },
  ]
  for (let left = lastsMs; left > 0; ) {
    const [burst, calm] = [between(BURST_MS), between(CALM_MS)]
    await loseBetween(topology, all)
    await delay(Math.min(left, burst))
    await loseNothing(topology)
    await delay(Math.min(Math.max(0, left - burst), calm))
    left -= burst + calm
  }
}
