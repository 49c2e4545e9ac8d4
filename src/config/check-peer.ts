import type { Ipv4 } from '../shared/ip.ts'
import type { IsWritten } from './check.ts'
import { errorAt, type Finding, type Path, warningAt } from './finding.ts'
import type { ClusterConfig, NodeConfig } from './types.ts'

/** Checks of the channel between haup nodes and of what stands on it: its paths, the quorum, fencing. PURE. */
export const checkPeer = (config: ClusterConfig, isWritten: IsWritten): Finding[] => [
  ...checkChannel(config),
  ...checkPaths(config),
  ...checkPathAddresses(config),
  ...checkQuorum(config),
  ...checkFencing(config, isWritten),
]

const haupNodes = ({ nodes }: ClusterConfig): readonly NodeConfig[] => nodes.filter(({ kind }) => kind === 'haup')

/** How many haup nodes a majority needs to be of any use: of two, the death of one takes it away. */
const LEAST_FOR_MAJORITY = 3

function checkChannel(config: ClusterConfig): Finding[] {
  const { length } = haupNodes(config)
  if (config.peer === undefined || length >= 2) return []
  const message = `needs two or more nodes with haup, and there ${length === 1 ? 'is one' : 'is none'}`
  return [atKey(errorAt(['peer'], message, 'remove it: routers and keepalived do not speak it'))]
}

const pathsOf = (node: NodeConfig): Path => ['nodes', node.name, 'paths']

/** Path i of one node talks to path i of the others: where one has more than another, that one leads nowhere. */
function checkPaths(config: ClusterConfig): Finding[] {
  const nodes = haupNodes(config)
  const most = nodes.toSorted((a, b) => b.paths.length - a.paths.length)[0]
  const foreign = config.nodes.filter(({ kind, paths }) => kind !== 'haup' && paths.length > 0)
  const findings = foreign.map((node) => {
    const message = `${node.name} runs ${node.kind}, which does not speak the peer channel`
    return atKey(errorAt(pathsOf(node), message, 'remove it'))
  })
  if (most === undefined || most.paths.length === 0) return findings
  if (config.peer === undefined) {
    // Adverts of an instance on another interface than the node's own come from there.
    const isUsed = ({ interface: own }: NodeConfig): boolean =>
      config.instances.some(({ interface: name }) => name !== undefined && name !== own)
    const remedy = 'add peer: with the key_file, or remove the paths'
    const owners = nodes.filter((node) => node.paths.length > 0 && !isUsed(node))
    return [...findings, ...owners.map((node) => atKey(warningAt(pathsOf(node), 'has no effect without peer', remedy)))]
  }
  for (const node of nodes.filter(({ paths }) => paths.length < most.paths.length)) {
    const message = `${node.name} has ${count(node.paths.length)}, ${most.name} has ${count(most.paths.length)}`
    const remedy = 'give every node its address on each line, in the same order'
    findings.push(atKey(errorAt(pathsOf(node), message, remedy)))
  }
  return findings
}

const count = (paths: number): string => (paths === 0 ? 'no further path' : paths === 1 ? '1 path' : `${paths} paths`)

function checkPathAddresses(config: ClusterConfig): Finding[] {
  const virtual = new Map(
    config.instances.flatMap(({ name, virtualAddresses }) =>
      virtualAddresses.map(({ address }): [Ipv4, string] => [address.address, name]),
    ),
  )
  const owners = new Map(config.nodes.map(({ address, name }): [Ipv4, string] => [address, name]))
  const findings: Finding[] = []
  for (const node of config.nodes) {
    for (const [index, address] of node.paths.entries()) {
      const path = [...pathsOf(node), index]
      const owner = owners.get(address)
      const instance = virtual.get(address)
      if (owner !== undefined) {
        const message = `${address} is an address of ${owner} already`
        findings.push(errorAt(path, message, 'each path needs an address of its own on each node'))
      }
      if (instance !== undefined) {
        const message = `${address} is a virtual address of ${instance}, which moves from node to node`
        findings.push(errorAt(path, message, 'write an address that stays with this node'))
      }
      owners.set(address, node.name)
    }
  }
  return findings
}

function checkQuorum(config: ClusterConfig): Finding[] {
  if (config.quorum === 'none') return []
  const nodes = haupNodes(config).length
  const findings: Finding[] = []
  if (config.peer === undefined) {
    findings.push(errorAt(['quorum'], 'needs the peer channel', 'add peer: with the key_file, or write none'))
  }
  if (nodes < LEAST_FOR_MAJORITY) {
    const message = `needs ${LEAST_FOR_MAJORITY} or more nodes with haup, and there are ${nodes}: when one dies, the other may not hold`
    findings.push(errorAt(['quorum'], message, 'write none; to be safe with two nodes, add an arbiter: witness, lease'))
  }
  return findings
}

function checkFencing({ peer, fencing }: ClusterConfig, isWritten: IsWritten): Finding[] {
  if (fencing === undefined) return []
  if (peer === undefined) {
    const message = 'is never run without peer: nobody could tell that a node is silent on all paths'
    return [atKey(errorAt(['fencing'], message, 'add peer: with the key_file, or remove it'))]
  }
  const named = fencing.argv.some((argument) => argument.includes('{node}'))
  if (named || !isWritten(['fencing', 'argv'])) return []
  const message = 'has no {node}: it cannot tell which node to turn off, and this file is the same on all nodes'
  return [warningAt(['fencing', 'argv'], message, 'pass it on: [/usr/local/sbin/fence, "{node}"]')]
}

const atKey = (finding: Finding): Finding => ({ ...finding, at: 'key' })
