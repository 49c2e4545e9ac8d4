import { formatPrefix, sameSubnet } from '../shared/ip.ts'
import { errorAt, type Finding, type Path, warningAt } from './finding.ts'
import type { ClusterConfig, InstanceConfig, NodeConfig, VirtualAddress } from './types.ts'

type Entry = { readonly instance: InstanceConfig; readonly virtual: VirtualAddress; readonly path: Path }

/** Checks of the virtual addresses, of all instances together. PURE. */
export function checkAddresses(config: ClusterConfig): Finding[] {
  const entries = config.instances.flatMap((instance) =>
    instance.virtualAddresses.map((virtual, index): Entry => {
      return { instance, virtual, path: ['instances', instance.name, 'virtual_addresses', index] }
    }),
  )
  return entries.flatMap((entry, index) => [
    ...checkUnique(entry, entries.slice(0, index)),
    ...config.nodes.flatMap((node) => checkAgainstNode(entry, node)),
    ...checkSubnet(entry, config.nodes),
    ...checkLabel(entry, config.nodes),
  ])
}

function checkUnique({ instance, virtual, path }: Entry, earlier: readonly Entry[]): Finding[] {
  const { address } = virtual.address
  const twin = earlier.find((other) => other.virtual.address.address === address)
  if (twin === undefined) return []
  const where = twin.instance === instance ? 'stands in this list twice' : `is an address of ${twin.instance.name} too`
  return [errorAt(path, `${address} ${where}`, 'remove one of the two')]
}

/**
 * RFC 9568 1.7 lets the owner have a virtual address as its own. Linux does not: a backup that holds it drops the adverts
 * of the owner, whose source is one of its own addresses now, and never steps back.
 */
function checkAgainstNode({ virtual, path }: Entry, node: NodeConfig): Finding[] {
  if (virtual.address.address !== node.address) return []
  const message = `${node.address} is the own address of ${node.name}: a node that has taken it over hears no advert of ${node.name} any more, and both stay master`
  return [errorAt(path, message, 'use a free address, also for a node of priority 255')]
}

/**
 * A node's prefix length is not in the file; an address with one of its own tells enough. Any of a node's addresses may be
 * on that LAN; what another interface has is not in the file, and judged by the box itself.
 */
function checkSubnet({ instance, virtual, path }: Entry, nodes: readonly NodeConfig[]): Finding[] {
  const { address, length } = virtual.address
  const otherInterface = virtual.interface !== undefined && virtual.interface !== instance.interface
  if (length > 30 || otherInterface) return []
  const isInside = (node: NodeConfig): boolean =>
    [node.address, ...node.paths].some((each) => sameSubnet(each, address, length)) ||
    (instance.interface !== undefined && instance.interface !== node.interface)
  const outside = nodes.filter((node) => !isInside(node)).map(({ name }) => name)
  if (outside.length === 0) return []
  const message = `${formatPrefix(virtual.address)} is outside the subnet of ${outside.join(' and ')}`
  return [warningAt(path, message, 'check the address and its prefix length')]
}

/** Kernel rule for labels: they begin with the interface's name; ifconfig shows what follows a colon. */
function checkLabel({ instance, virtual, path }: Entry, nodes: readonly NodeConfig[]): Finding[] {
  const { label } = virtual
  if (label === undefined) return []
  const named = nodes.map((node) => virtual.interface ?? instance.interface ?? node.interface)
  const wrong = named.find((name) => name !== undefined && !isLabelOf(label, name))
  const at: Path = [...path, 'label']
  if (wrong !== undefined) {
    return [errorAt(at, `"${label}" does not begin with "${wrong}:"`, `write a label such as "${wrong}:1"`)]
  }
  if (!named.includes(undefined)) return []
  const message = `"${label}" must begin with the interface's name and ":", and no interface is named`
  const remedy = `add interface: ${label.split(':')[0]}`
  return label.includes(':') ? [warningAt(at, message, remedy)] : [errorAt(at, message, 'write it as "eth0:1"')]
}

const isLabelOf = (label: string, name: string): boolean =>
  label.startsWith(`${name}:`) && label.length > name.length + 1
