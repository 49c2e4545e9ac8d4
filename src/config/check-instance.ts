import { FASTEST_FENCED, OWNER } from '../engine/vrrp/types.ts'
import { formatDuration, fromMillis, fromSeconds, type Micros, toMillis, toSeconds } from '../shared/units.ts'
import type { IsWritten } from './check.ts'
import { errorAt, type Finding, warningAt } from './finding.ts'
import { nearest } from './nearest.ts'
import type { ClusterConfig, InstanceConfig } from './types.ts'

/** Checks of one instance: priorities against nodes, preemption, what its VRRP version can carry. PURE. */
export const checkInstance = (config: ClusterConfig, instance: InstanceConfig, isWritten: IsWritten): Finding[] => [
  ...checkPriorities(config, instance),
  ...checkOwner(instance),
  ...checkInterval(instance),
  ...checkVersionOnly(instance, isWritten),
  ...checkChecksum(instance),
]

/** keepalived: (interface, VRID) is one virtual router; two of them with one number would fight each other. */
export function checkVridsUnique({ nodes, instances }: ClusterConfig): Finding[] {
  return instances.flatMap((instance, index) => {
    const twin = instances
      .slice(0, index)
      .find((other) => other.vrid === instance.vrid && nodes.some((node) => sameLink(instance, other, node.interface)))
    if (twin === undefined) return []
    const path = ['instances', instance.name, 'vrid']
    const free = freeVrid(instances.map(({ vrid }) => vrid))
    return [errorAt(path, `${instance.vrid} is the VRID of ${twin.name} too, on the same interface`, `such as ${free}`)]
  })
}

/** An interface that is not named is the node's own: it differs from a named one only if that can be told. */
const sameLink = (a: InstanceConfig, b: InstanceConfig, ofNode: string | undefined): boolean =>
  (a.interface ?? ofNode) === (b.interface ?? ofNode)

const freeVrid = (used: readonly number[]): number => {
  const first = used.at(-1) ?? 1
  const candidates = Array.from({ length: 255 }, (_, step) => ((first + step) % 255) + 1)
  return candidates.find((vrid) => !used.includes(vrid)) ?? first
}

function checkPriorities({ nodes }: ClusterConfig, instance: InstanceConfig): Finding[] {
  const path = ['instances', instance.name, 'priority']
  const given = Object.entries(instance.priority)
  const names = nodes.map(({ name }) => name)
  const findings: Finding[] = []
  for (const name of names.filter((node) => !Object.hasOwn(instance.priority, node))) {
    findings.push(errorAt(path, `has no priority for the node ${name}`, `add ${name}: 100`))
  }
  for (const [name] of given.filter(([node]) => !names.includes(node))) {
    const near = nearest(name, names)
    const remedy = near === undefined ? `nodes are: ${names.join(', ')}` : `did you mean ${near}?`
    findings.push({ ...errorAt([...path, name], `${name} is no node`, remedy), at: 'key' })
  }
  for (const [index, [name, priority]] of given.entries()) {
    const twin = given.slice(0, index).find(([, other]) => other === priority)
    if (twin === undefined || priority === OWNER) continue
    const message = `${priority} is the priority of ${twin[0]} too: the higher address would win by chance`
    findings.push(warningAt([...path, name], message, 'give each node a priority of its own'))
  }
  return findings
}

/** RFC 9568 6.1: the owner of the addresses always preempts, at once. */
function checkOwner({ name, priority, preempt, preemptDelay }: InstanceConfig): Finding[] {
  const path = ['instances', name]
  const owners = Object.entries(priority).filter(([, value]) => value === OWNER)
  const findings: Finding[] = []
  for (const [owner] of owners.slice(1)) {
    const message = `${owner} cannot be a second owner (255) beside ${owners[0]?.[0]}`
    findings.push(errorAt([...path, 'priority', owner], message, 'give it a priority from 2 to 254'))
  }
  if (owners.length > 0 && !preempt) {
    findings.push(errorAt([...path, 'preempt'], 'false cannot be with an owner (255)', OWNER_PREEMPTS))
  }
  if (owners.length > 0 && preemptDelay > 0) {
    findings.push(errorAt([...path, 'preempt_delay'], 'cannot be with an owner (255)', OWNER_PREEMPTS))
  }
  if (owners.length === 0 && !preempt && preemptDelay > 0) {
    const message = 'has no effect with preempt: false'
    findings.push(warningAt([...path, 'preempt_delay'], message, 'remove it, or write preempt: true'))
  }
  return findings
}

const OWNER_PREEMPTS = 'the owner always preempts: use a priority from 2 to 254, or remove this key'

/** The field on the wire: version 2 has 8 bits of seconds, version 3 has 12 bits of 10 ms (RFC 3768 5.3.7, 9568 5.2.7). */
function checkInterval({ name, version, advertInterval, gate }: InstanceConfig): Finding[] {
  const path = ['instances', name, 'advert_interval']
  const given = formatDuration(advertInterval)
  if (version === 2 && toSeconds(advertInterval) % 1 !== 0) {
    const seconds = formatDuration(fromSeconds(Math.max(1, Math.round(toSeconds(advertInterval)))))
    return [errorAt(path, `VRRPv2 has whole seconds only, not ${given}`, `write ${seconds}, or version: 3`)]
  }
  if (version === 3 && advertInterval > LONGEST_V3) {
    return [errorAt(path, `VRRPv3 reaches up to 40.95s, not ${given}`, 'write a shorter one, or version: 2')]
  }
  if (version === 3 && toMillis(advertInterval) % 10 !== 0) {
    const steps = formatDuration(fromMillis(Math.round(toMillis(advertInterval) / 10) * 10))
    return [errorAt(path, `VRRPv3 counts in steps of 10ms, not ${given}`, `write ${steps}`)]
  }
  if (gate && advertInterval < FASTEST_FENCED) {
    const message = `adverts every ${given} are too fast to be fenced: a hung node may answer beside another`
    return [
      warningAt(path, message, `write ${formatDuration(FASTEST_FENCED)} or more, or gate: off to say that it is so`),
    ]
  }
  return []
}

const LONGEST_V3: Micros = fromMillis(40_950)

function checkVersionOnly({ name, version }: InstanceConfig, isWritten: IsWritten): Finding[] {
  const path = ['instances', name]
  const findings: Finding[] = []
  if (version === 3 && isWritten([...path, 'password_file'])) {
    const remedy = 'remove it, or write version: 2'
    findings.push({ ...errorAt([...path, 'password_file'], 'VRRPv3 has no passwords', remedy), at: 'key' })
  }
  if (version === 2 && isWritten([...path, 'checksum'])) {
    const remedy = 'remove it, or write version: 3'
    findings.push({ ...errorAt([...path, 'checksum'], 'VRRPv2 has one form of checksum only', remedy), at: 'key' })
  }
  return findings
}

function checkChecksum({ name, checksum: { send, accept } }: InstanceConfig): Finding[] {
  if (accept === 'both' || accept === send) return []
  const path = ['instances', name, 'checksum', 'accept']
  return [errorAt(path, `nodes would discard each other's adverts, sent as ${send}`, `write ${send}, or both`)]
}
