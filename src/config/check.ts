import { checkAddresses } from './check-addresses.ts'
import { checkInstance, checkVridsUnique } from './check-instance.ts'
import { checkNames } from './check-names.ts'
import { checkPeer } from './check-peer.ts'
import { checkService } from './check-service.ts'
import { checkTracking } from './check-tracking.ts'
import { checkWitnesses } from './check-witness.ts'
import { errorAt, type Finding, type Path, warningAt } from './finding.ts'
import type { ClusterConfig } from './types.ts'

/** What a check may ask about the file beside its values: whether a key was written or is a default. */
export type IsWritten = (path: Path) => boolean

/**
 * Everything that one key alone cannot show to be wrong: what must be unique, agree, or make sense together. PURE: the
 * same file gives the same findings on every node.
 */
export const checkConfig = (config: ClusterConfig, isWritten: IsWritten): Finding[] => [
  ...checkNodes(config),
  ...checkEmptiness(config),
  ...checkVridsUnique(config),
  ...config.instances.flatMap((instance) => checkInstance(config, instance, isWritten)),
  ...checkAddresses(config),
  ...checkTracking(config),
  ...config.services.flatMap((service) => checkService(service, config, isWritten)),
  ...checkPeer(config, isWritten),
  ...checkWitnesses(config, isWritten),
  ...checkNames(config),
]

function checkNodes({ nodes }: ClusterConfig): Finding[] {
  return nodes.flatMap((node, index) => {
    const twin = nodes.slice(0, index).find((other) => other.address === node.address)
    if (twin === undefined) return []
    const path = ['nodes', node.name, 'address']
    return [errorAt(path, `${node.address} is the address of ${twin.name} too`, 'give each node its own address')]
  })
}

function checkEmptiness({ nodes, instances }: ClusterConfig): Finding[] {
  const findings: Finding[] = []
  if (nodes.length === 0) findings.push(errorAt(['nodes'], 'has no node', 'add the boxes: web1: {address: 192.0.2.11}'))
  if (nodes.length === 1) {
    const remedy = 'add the other box, unless its peer is a router or keepalived'
    findings.push(warningAt(['nodes'], 'has one node only: nobody takes over from it', remedy))
  }
  if (instances.length === 0) {
    findings.push(errorAt(['instances'], 'has no instance', 'add one: an instance is a group of virtual addresses'))
  }
  return findings
}
