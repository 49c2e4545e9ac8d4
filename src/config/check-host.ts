import { edgeOfSubnet, formatPrefix, type Ipv4Prefix, sameSubnet } from '../shared/ip.ts'
import { type Finding, warningAt } from './finding.ts'
import type { ClusterConfig, InstanceConfig, NodeConfig } from './types.ts'

/** An interface of this box with its IPv4 addresses. `ours`: haup itself has set it. `origin`: what sets it, if known. */
export type HostInterface = {
  readonly name: string
  readonly addresses: readonly (Ipv4Prefix & { readonly ours?: boolean; readonly origin?: string | undefined })[]
}

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
    ...config.instances.flatMap((instance) => checkInstance(instance, node, name, interfaces)),
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

/** Adverts should come from an address of the interface that they leave by. */
function checkSource(instance: InstanceConfig, node: NodeConfig, interfaces: readonly HostInterface[]): Finding[] {
  const found = interfaces.find(({ name }) => name === instance.interface)
  const home = interfaces.find(({ addresses }) => addresses.some(({ address }) => address === node.address))
  if (found === undefined || home === undefined || found === home) return []
  const isNamed = found.addresses.some(({ address }) => node.paths.includes(address))
  if (isNamed) return []
  const message = `${node.address} is on ${home.name}, not on ${found.name}: boxes with rp_filter=1 drop adverts from it`
  const remedy = `name the addresses that the nodes have on ${found.name} under "paths" of each node, or write interface: ${home.name}`
  return [warningAt(['instances', instance.name, 'interface'], message, remedy)]
}

function checkInstance(
  instance: InstanceConfig,
  node: NodeConfig,
  ofNode: string | undefined,
  interfaces: readonly HostInterface[],
): Finding[] {
  const path = ['instances', instance.name]
  return [
    ...missingInterface([...path, 'interface'], instance.interface, interfaces),
    ...checkSource(instance, node, interfaces),
    ...instance.virtualAddresses.flatMap((virtual, index) => {
      const at = [...path, 'virtual_addresses', index]
      const name = virtual.interface ?? instance.interface ?? ofNode
      const missing = missingInterface([...at, 'interface'], virtual.interface, interfaces)
      const found = interfaces.find((candidate) => candidate.name === name)
      if (found === undefined) return missing
      return [...outsideSubnets(at, virtual.address, found), ...setByOthers(at, virtual.address, found)]
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
  const own = found.addresses.filter(({ address }) => address !== virtual.address)
  const inside = own.some(({ address, length }) => sameSubnet(address, virtual.address, length))
  if (inside) return []
  const subnets = own.map(formatPrefix).join(', ') || 'no address'
  const message = `${formatPrefix(virtual)} is outside the subnets of ${found.name} (${subnets})`
  return [warningAt(path, message, 'check the address; another subnet needs a route to it on the router')]
}

/** An address that the box has without haup is used as it is; it should be set in one place. */
function setByOthers(
  path: readonly (string | number)[],
  virtual: Ipv4Prefix,
  { name, addresses }: HostInterface,
): Finding[] {
  const found = addresses.find(({ address, ours }) => address === virtual.address && ours !== true)
  if (found === undefined) return []
  const message = `${formatPrefix(found)} is on ${name} already, and was not set by haup: it is used as it is, and stays when haup ends`
  const now = `ip addr del ${formatPrefix(found)} dev ${name}`
  return [warningAt(path, message, found.origin === undefined ? now : `remove it from ${found.origin}`)]
}
