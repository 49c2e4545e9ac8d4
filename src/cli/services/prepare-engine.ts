import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { formatProblems, toUserError } from '../../config/format.ts'
import { loadDocument } from '../../config/load.ts'
import { findNode } from '../../config/node.ts'
import type { ClusterConfig } from '../../config/types.ts'
import type { Warning } from '../../control/messages.ts'
import { planNode } from '../../engine/core/plan.ts'
import type { NodePlan } from '../../engine/core/types.ts'
import { type InterfaceAddress, listInterfaces } from '../../engine/io/links.ts'
import { isOurs } from '../../engine/vip/tag.ts'
import { preloadTrust } from '../../probes/http-trust.ts'
import { EXIT, UserError } from '../../shared/errors.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import { lookAtFiles } from './look-at-files.ts'

export type PreparedEngine = { readonly plan: NodePlan; readonly warnings: readonly Warning[] }

/** The configuration in `file` as this machine runs it. Throws UserError. */
export async function prepareEngine(file: string, nodeName: string | undefined): Promise<PreparedEngine> {
  const loaded = await loadDocument(file)
  if (!loaded.ok) throw toUserError(loaded.error)
  const interfaces = await listInterfaces()
  const addresses = interfaces.flatMap((each) => each.addresses.map(({ address }) => address))
  const { config } = loaded.value
  const found = findNode(config, { name: nodeName, addresses, hostname: hostname() })
  if (!found.ok) {
    throw new UserError(found.error, {
      code: 'node.unknown',
      exitCode: EXIT.environment,
      nextSteps: ['ip address', `haup config check ${file}`],
    })
  }
  const { node } = found.value
  if (!addresses.includes(node.address)) {
    throw new UserError(`this machine runs as ${node.name}, but no interface has its address ${node.address}`, {
      code: 'node.no-address',
      exitCode: EXIT.environment,
      nextSteps: ['bring the interface up with this address, or correct it under "nodes:"', 'ip address'],
    })
  }
  const home = interfaces.find((each) => each.addresses.some(({ address }) => address === node.address))
  const host = new Map(interfaces.map(({ name, addresses }) => [name, ownAddresses(name, addresses)]))
  const plan = planNode(config, node.name, home?.name, digestsOf(config), host)
  if (!plan.ok) throw new UserError(plan.error, { code: 'config.node', nextSteps: [`haup config check ${file}`] })
  preloadTrust(plan.value.services.flatMap(({ probes }) => probes))
  // What is wrong with files is no reason for an address to go: it is said.
  const ofFiles = (await lookAtFiles(loaded.value)).map((problem) => ({ ...problem, severity: 'warning' as const }))
  const warnings = [...loaded.value.warnings, ...ofFiles].map((problem) => ({
    code: 'config.warning',
    message: formatProblems([problem]).join(' '),
  }))
  return { plan: plan.value, warnings }
}

const ownAddresses = (name: string, addresses: readonly InterfaceAddress[]): readonly Ipv4[] =>
  addresses.filter((each) => !isOurs(each, name)).map(({ address }) => address)

/** Which sections two nodes' configurations differ in can be told without showing them; keys are not part of it. */
function digestsOf({ peer, ...sections }: ClusterConfig): Readonly<Record<string, string>> {
  const all = { ...sections, peer: peer && { keyFile: peer.keyFile, port: peer.port } }
  return Object.fromEntries(Object.entries(all).map(([name, section]) => [name, digestOf(section)]))
}

const digestOf = (section: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(section, (_key, each: unknown) => (each instanceof RegExp ? String(each) : each)) ?? '')
    .digest('hex')
    .slice(0, 8)
