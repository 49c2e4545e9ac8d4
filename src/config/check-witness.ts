import { masterDownInterval } from '../engine/vrrp/timing.ts'
import { LAST_RESORT } from '../engine/vrrp/types.ts'
import { formatDuration, fromSeconds, type Micros, micros, plus, ZERO } from '../shared/units.ts'
import type { IsWritten } from './check.ts'
import { errorAt, type Finding, type Path, warningAt } from './finding.ts'
import type { Arbiter, ClusterConfig, Witness } from './types.ts'

/** Checks of the witnesses: what they are, and the arbiter's times against those of the election. PURE. */
export const checkWitnesses = (config: ClusterConfig, isWritten: IsWritten): Finding[] => [
  ...checkNames(config),
  ...checkOneArbiter(config),
  ...config.witnesses.flatMap((witness, index) =>
    witness.kind === 'arbiter'
      ? checkArbiter(config, witness, index, isWritten)
      : checkTarget(config, witness, ['witness', index, witness.target.kind]),
  ),
]

function checkNames({ witnesses }: ClusterConfig): Finding[] {
  return witnesses.flatMap(({ name }, index) => {
    if (!witnesses.slice(0, index).some((other) => other.name === name)) return []
    return [errorAt(['witness', index, 'name'], `${name} is the name of another witness`, 'give each its own name')]
  })
}

function checkOneArbiter({ witnesses }: ClusterConfig): Finding[] {
  const arbiters = [...witnesses.entries()].filter(([, { kind }]) => kind === 'arbiter')
  return arbiters.slice(1).map(([index, { name }]) => {
    const message = `${name} is a second arbiter beside ${arbiters[0]?.[1].name}: each could let another node hold`
    const finding = errorAt(['witness', index, 'lease'], message, 'keep one; several etcd endpoints are one arbiter')
    return { ...finding, at: 'key' }
  })
}

/** What the cluster itself answers for cannot tell anything about the LAN. */
function checkTarget(
  config: ClusterConfig,
  witness: Extract<Witness, { kind: 'reachability' }>,
  path: Path,
): Finding[] {
  const { target } = witness
  const host = 'address' in target ? target.address : target.kind === 'tcp' ? target.host : new URL(target.url).hostname
  const node = config.nodes.find(({ address, paths }) => address === host || paths.some((other) => other === host))
  const remedy = 'name a third party, such as the gateway'
  if (node !== undefined) {
    return [errorAt(path, `${host} is ${node.name}: when it dies, nobody may hold`, remedy)]
  }
  const instance = config.instances.find(({ virtualAddresses }) =>
    virtualAddresses.some(({ address }) => address.address === host),
  )
  if (instance !== undefined) {
    return [errorAt(path, `${host} is a virtual address of ${instance.name}: it answers only while held`, remedy)]
  }
  if (!host.startsWith('127.') && host !== 'localhost') return []
  return [errorAt(path, `${host} is this box itself, which says nothing about the LAN`, remedy)]
}

/** For the requests, and for clocks that do not run alike. */
const LEASE_MARGIN = fromSeconds(1)
/** Requests that may fail before the lease is lost. */
const TRIES = 3

function checkArbiter(
  { instances }: ClusterConfig,
  { ttl, timeout }: Arbiter,
  index: number,
  isWritten: IsWritten,
): Finding[] {
  const findings: Finding[] = []
  const waits = instances.map(({ version, advertInterval }) => masterDownInterval(version, LAST_RESORT, advertInterval))
  const longest = waits.reduce((a, b): Micros => (a > b ? a : b), ZERO)
  const least = plus(longest, LEASE_MARGIN)
  if (ttl <= least) {
    const message = `${formatDuration(ttl)} is too short: a backup may wait ${formatDuration(longest)} for a silent master, and needs ${formatDuration(LEASE_MARGIN)} more`
    const seconds = Math.floor(least / 1_000_000) + 1
    findings.push(errorAt(['witness', index, 'lease', 'ttl'], message, `write ${seconds}s or more`))
  }
  if (timeout * TRIES > ttl) {
    const message = `${formatDuration(timeout)} is too long: ${TRIES} requests do not fit into the ${formatDuration(ttl)} of the lease`
    const remedy = `write ${formatDuration(micros(Math.floor(ttl / TRIES / 1_000) * 1_000))} or less`
    findings.push(errorAt(['witness', index, 'timeout'], message, remedy))
  }
  for (const key of ['interval', 'rise', 'fall']) {
    if (!isWritten(['witness', index, key])) continue
    const finding = warningAt(['witness', index, key], 'has no effect on a lease', 'remove it: ttl says it all')
    findings.push({ ...finding, at: 'key' })
  }
  return findings
}
