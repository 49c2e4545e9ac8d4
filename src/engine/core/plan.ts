import type { Arbiter, ClusterConfig, InstanceConfig, NodeConfig } from '../../config/types.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { fromMillis, fromSeconds, type Micros, micros } from '../../shared/units.ts'
import type { PeerPath } from '../ports.ts'
import { passwordBytes } from '../vrrp/password.ts'
import type { RouterConfig } from '../vrrp/types.ts'
import { gateLease, highestOther } from './gate-deadline.ts'
import { LAN } from './peer-hear.ts'
import { reportEvery } from './peer-talk.ts'
import type { ChannelPlan } from './peer-types.ts'
import type { GatePlan, InstancePlan, NodePlan } from './types.ts'

/** Rounds of gratuitous ARP after a claim: dense at first for a lost frame, late once for a switch that relearns. */
const ANNOUNCE_AT: readonly Micros[] = [fromMillis(0), fromMillis(100), fromMillis(500), fromSeconds(1), fromSeconds(5)]

/**
 * What the configuration, the same on all nodes, means for one of them. `defaultInterface` is the one that has the node's
 * address; `digests` are those of the configuration's sections; `host` has the box's own addresses by interface, as far as
 * they are known. The error names what is missing.
 */
export function planNode(
  config: ClusterConfig,
  nodeName: string,
  defaultInterface: string | undefined,
  digests: Readonly<Record<string, string>> = {},
  host: Host = new Map(),
): Result<NodePlan, string> {
  const node = config.nodes.find((candidate) => candidate.name === nodeName)
  if (node === undefined) return err(`there is no node "${nodeName}" in the configuration`)
  const instances: InstancePlan[] = []
  for (const instance of config.instances) {
    const planned = planInstance(config, instance, node, instance.interface ?? node.interface ?? defaultInterface, host)
    if (!planned.ok) return planned
    instances.push(planned.value)
  }
  return ok({
    cluster: config.cluster,
    node: node.name,
    nodeNames: new Map(
      config.nodes.flatMap(({ name, address, paths }) =>
        [...paths, address].map((each): [Ipv4, string] => [each, name]),
      ),
    ),
    instances,
    witnesses: config.witnesses,
    arbiter: config.witnesses.find((witness): witness is Arbiter => witness.kind === 'arbiter'),
    fencing: config.fencing,
    channel: planChannel(config, node, digests),
    services: config.services.filter((service) =>
      config.instances.some((instance) => instance.track.some((tracked) => tracked.service === service.name)),
    ),
  })
}

function planInstance(
  config: ClusterConfig,
  instance: InstanceConfig,
  node: NodeConfig,
  interfaceName: string | undefined,
  host: Host,
): Result<InstancePlan, string> {
  const basePriority = instance.priority[node.name]
  if (basePriority === undefined) return err(`instance "${instance.name}" has no priority for node "${node.name}"`)
  if (interfaceName === undefined) return err(`no interface of this machine has the address ${node.address}`)
  const addresses = instance.virtualAddresses.map((virtual) => ({
    interface: virtual.interface ?? interfaceName,
    address: virtual.address,
    label: virtual.label,
  }))
  const line = lineOn(node, host.get(interfaceName) ?? [])
  return ok({
    name: instance.name,
    interface: interfaceName,
    basePriority,
    router: {
      version: instance.version,
      vrid: instance.vrid,
      source: sourceOn(config, instance, node, line, host.get(interfaceName) ?? []),
      advertInterval: instance.advertInterval,
      learns: learnable(config.nodes, instance),
      preempt: instance.preempt,
      preemptDelay: instance.preemptDelay,
      addresses: instance.virtualAddresses.map((virtual) => virtual.address.address),
      authentication:
        instance.password === undefined
          ? { kind: 'none' }
          : { kind: 'password', password: passwordBytes(instance.password) },
      checksum: instance.checksum,
      announceAt: ANNOUNCE_AT,
      announceRefresh: instance.announceRefresh,
    },
    addresses,
    bindings: addresses,
    track: instance.track.map((tracked) => ({
      service: tracked.service,
      onFailure: tracked.onFailure.kind === 'release' ? 'release' : { lowerBy: tracked.onFailure.by },
    })),
    whenAllDown: instance.whenAllDown,
    gate: planGate(instance, node),
    peers: config.nodes
      .filter(({ name }) => name !== node.name)
      .map((other) => {
        const { name, kind } = other
        return { name, address: addressOn(other, line), kind, basePriority: instance.priority[name] ?? 0 }
      }),
    notify: [instance.notify, config.notify].filter((notify) => notify !== undefined),
  })
}

/** Own addresses of a box, in order, by interface. */
export type Host = ReadonlyMap<string, readonly Ipv4[]>

/**
 * Which of the node's addresses is on the interface: 0 is its first one, n its nth path. The other nodes have theirs of the
 * same number on the same line. Undefined: none of them is.
 */
function lineOn({ address, paths }: NodeConfig, found: readonly Ipv4[]): number | undefined {
  const at = [address, ...paths].findIndex((each) => found.includes(each))
  return at < 0 ? undefined : at
}

const addressOn = ({ address, paths }: NodeConfig, line: number | undefined): Ipv4 =>
  line === undefined || line === 0 ? address : (paths[line - 1] ?? address)

/**
 * Where adverts of an instance come from: an address of the interface that they leave by. Where the file names none, nodes
 * with a channel say it by the address that they are known by, others by what the interface has.
 */
function sourceOn(
  { peer }: ClusterConfig,
  { virtualAddresses }: InstanceConfig,
  node: NodeConfig,
  line: number | undefined,
  found: readonly Ipv4[],
): Ipv4 {
  if (line !== undefined || peer !== undefined) return addressOn(node, line)
  const own = found.filter((each) => virtualAddresses.every(({ address }) => address.address !== each))
  return own[0] ?? node.address
}

/** How many times faster or slower than ours another router of a group may advertise, to be waited for as it says. */
const FOREIGN_FACTOR = 5
const SHORTEST: Micros = fromMillis(10)
const LONGEST: Micros = fromMillis(40_950)

/**
 * Which intervals adverts may teach: haup nodes have the same file, so nothing but their own; a foreign router's is not in
 * it. A forged advert must not make a backup wait, or claim, as it says.
 */
function learnable(nodes: readonly NodeConfig[], { advertInterval }: InstanceConfig): RouterConfig['learns'] {
  if (nodes.every(({ kind }) => kind === 'haup')) return { shortest: advertInterval, longest: advertInterval }
  return {
    shortest: micros(Math.max(SHORTEST, advertInterval / FOREIGN_FACTOR)),
    longest: micros(Math.max(advertInterval, Math.min(LONGEST, advertInterval * FOREIGN_FACTOR))),
  }
}

function planChannel(
  { cluster, peer, nodes, instances, quorum, witnesses, fencing }: ClusterConfig,
  node: NodeConfig,
  digests: Readonly<Record<string, string>>,
): ChannelPlan | undefined {
  if (peer === undefined || node.kind !== 'haup') return undefined
  const others = nodes.filter(({ name, kind }) => kind === 'haup' && name !== node.name)
  const peers = others.map((other) => ({ node: other.name, paths: pathsBetween(node, other) }))
  return {
    peers: others.map(({ name }) => name),
    config: { cluster, self: node.name, peers, port: peer.port, keys: peer.keys },
    every: reportEvery(micros(Math.min(...instances.map(({ advertInterval }) => advertInterval)))),
    digests,
    majority: quorum === 'majority',
    arbiter: witnesses.some(({ kind }) => kind === 'arbiter'),
    fencing: fencing !== undefined,
  }
}

/** The way over the LAN first, then path by path. */
const pathsBetween = (node: NodeConfig, other: NodeConfig): readonly PeerPath[] => [
  { name: LAN, local: node.address, remote: other.address },
  ...node.paths.flatMap((local, index) => {
    const remote = other.paths[index]
    return remote === undefined ? [] : [{ name: `path${index + 1}`, local, remote }]
  }),
]

function planGate({ gate, version, advertInterval, priority }: InstanceConfig, node: NodeConfig): GatePlan {
  if (!gate) return { kind: 'off' }
  const others = Object.entries(priority).filter(([name]) => name !== node.name)
  const lease = gateLease(version, advertInterval, highestOther(others.map(([, value]) => value)))
  return lease === undefined ? { kind: 'too-fast' } : { kind: 'on', lease }
}
