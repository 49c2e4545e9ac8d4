import { edgeOfSubnet, formatPrefix, type Ipv4Prefix, sameSubnet } from '../shared/ip.ts'
import { type Finding, warningAt } from './finding.ts'
import type { ClusterConfig, InstanceConfig, NodeConfig } from './types.ts'

/** An interface of this box with its IPv4 addresses. */
export type HostInterface = { readonly name: string; readonly addresses: readonly Ipv4Prefix[] }

/**
 * What only the box itself can tell, as the node that it is: whether the interfaces exist, and whether the virtual
 * addresses belong to their subnets. PURE. Warnings: an interface may come later.
 */
export function checkAgainstHost(
  config: ClusterConfig,
  node: NodeConfig,
  interfaces: readonly HostInterface[],
): Finding[] {
  const home = interfaces.find(({ addresses }) => addresses.some(({ address }) => address === node.address))
  const name = node.interface ?? home?.name
  return [
    ...checkHome(node, home),
    ...checkKind(node),
    ...checkOthers(config, node, home, interfaces),
    ...checkPaths(node, interfaces),
    ...missingInterface(['nodes', node.name, 'interface'], node.interface, interfaces),
    ...config.instances.flatMap((instance) => checkInstance(instance, name, interfaces)),
  ]
}

function checkKind({ name, kind }: NodeConfig): Finding[] {
  if (kind === 'haup') return []
  const message = `this box runs haup, but the other nodes are told that it runs ${kind}`
  return [warningAt(['nodes', name, 'kind'], message, 'remove this line, on all nodes')]
}

function checkHome(node: NodeConfig, home: HostInterface | undefined): Finding[] {
  const path = ['nodes', node.name, 'address']
  if (home === undefined) return [warningAt(path, `no interface of this box has ${node.address}`, 'ip address')]
  if (node.interface === undefined || node.interface === home.name) return []
  const remedy = `write interface: ${home.name}, or remove it`
  return [
    warningAt(['nodes', node.name, 'interface'], `${node.address} is on ${home.name}, not ${node.interface}`, remedy),
  ]
}

/** A path begins at an own address; it may come later, as an interface may. */
const checkPaths = (node: NodeConfig, interfaces: readonly HostInterface[]): Finding[] =>
  node.paths.flatMap((own, index) => {
    if (interfaces.some(({ addresses }) => addresses.some(({ address }) => address === own))) return []
    const message = `no interface of this box has ${own}: nothing is heard by this path`
    return [warningAt(['nodes', node.name, 'paths', index], message, 'ip address')]
  })

/** Adverts do not cross routers: nodes without a LAN in common do not hear each other. */
function checkOthers(
  { nodes }: ClusterConfig,
  node: NodeConfig,
  home: HostInterface | undefined,
  interfaces: readonly HostInterface[],
): Finding[] {
  const own = interfaces.flatMap(({ addresses }) => addresses)
  if (home === undefined) return []
  return nodes.flatMap(({ name, address }) => {
    if (name === node.name) return []
    const near = own.filter((each) => sameSubnet(each.address, address, each.length))
    const path = ['nodes', name, 'address']
    if (near.length === 0) {
      const subnets = home.addresses.map(formatPrefix).join(', ')
      const message = `${address} is outside the subnets of ${home.name} (${subnets}): adverts do not cross a router`
      return [warningAt(path, message, 'check the address; the nodes need a LAN in common')]
    }
    const wrong = near.map((each) => edgeOfSubnet({ address, length: each.length })).find((why) => why !== undefined)
    return wrong === undefined ? [] : [warningAt(path, `${address} cannot be a host: ${wrong}`, 'check the address')]
  })
}

function checkInstance(
  instance: InstanceConfig,
  ofNode: string | undefined,
  interfaces: readonly HostInterface[],
): Finding[] {
  const path = ['instances', instance.name]
  return [
    ...missingInterface([...path, 'interface'], instance.interface, interfaces),
    ...instance.virtualAddresses.flatMap((virtual, index) => {
      const at = [...path, 'virtual_addresses', index]
      const name = virtual.interface ?? instance.interface ?? ofNode
      const missing = missingInterface([...at, 'interface'], virtual.interface, interfaces)
      const found = interfaces.find((candidate) => candidate.name === name)
      return found === undefined ? missing : outsideSubnets(at, virtual.address, found)
    }),
  ]
}

function missingInterface(
  path: readonly (string | number)[],
  name: string | undefined,
  interfaces: readonly HostInterface[],
): Finding[] {
  if (name === undefined || interfaces.some((candidate) => candidate.name === name)) return []
  const known = interfaces.map((candidate) => candidate.name).join(', ')
  return [warningAt(path, `this box has no interface ${name}`, `interfaces with addresses are: ${known}`)]
}

/** Clients reach an address by ARP only when it belongs to the LAN; another subnet needs a route on the router. */
function outsideSubnets(path: readonly (string | number)[], virtual: Ipv4Prefix, found: HostInterface): Finding[] {
  const inside = found.addresses.some(({ address, length }) => sameSubnet(address, virtual.address, length))
  if (inside) return []
  const subnets = found.addresses.map(formatPrefix).join(', ') || 'no address'
  const message = `${formatPrefix(virtual)} is outside the subnets of ${found.name} (${subnets})`
  return [warningAt(path, message, 'check the address; another subnet needs a route to it on the router')]
}
