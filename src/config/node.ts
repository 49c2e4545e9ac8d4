import type { Ipv4 } from '../shared/ip.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { ClusterConfig, NodeConfig } from './types.ts'

/** What this box knows of itself. */
export type Identity = {
  /** `--node NAME`, if given. */
  readonly name: string | undefined
  /** IPv4 addresses on its interfaces. */
  readonly addresses: readonly Ipv4[]
  readonly hostname: string
}

/** `how` goes into the log: a node that found itself by its host name may have lost its address. */
export type FoundNode = { readonly node: NodeConfig; readonly how: 'name' | 'address' | 'hostname' }

/**
 * Which node of the file this box is: the one named, else the one whose address it has, else the one of its host name
 * (whole, or up to the first dot). PURE. The error says what was looked for, in one line.
 */
export function findNode({ nodes }: ClusterConfig, identity: Identity): Result<FoundNode, string> {
  const known = nodes.map(({ name, address }) => `${name} (${address})`).join(', ')
  if (identity.name !== undefined) {
    const named = nodes.find(({ name }) => name === identity.name)
    return named === undefined
      ? err(`no node is called ${identity.name}; nodes are: ${known}`)
      : ok({ node: named, how: 'name' })
  }
  const here = nodes.filter(({ address }) => identity.addresses.includes(address))
  if (here.length > 1) {
    const names = here.map(({ name }) => name).join(' and ')
    return err(`this box has the addresses of ${names}; name the node with --node`)
  }
  if (here[0] !== undefined) return ok({ node: here[0], how: 'address' })
  const byHostname = nodes.find(({ name }) => isHostname(name, identity.hostname))
  if (byHostname !== undefined) return ok({ node: byHostname, how: 'hostname' })
  const addresses = identity.addresses.length === 0 ? 'none' : identity.addresses.join(', ')
  const looked = `its addresses (${addresses}) and its host name (${identity.hostname})`
  return err(`this box is none of the nodes: looked for ${looked} among ${known}; name the node with --node`)
}

const isHostname = (name: string, hostname: string): boolean => {
  const [wanted, full] = [name.toLowerCase(), hostname.toLowerCase()]
  return wanted === full || wanted === full.split('.')[0]
}
