import type { ProbeSpec, RestartMethod, ServiceConfig } from '../probes/types.ts'
import { resolvePeer, resolveWitness } from './resolve-peer.ts'
import type { ConfigDocument, InstanceDocument, NotifyDocument, ServiceDocument } from './schema.ts'
import type { ClusterConfig, InstanceConfig, NotifyConfig, OnFailure, VirtualAddress } from './types.ts'

/** From the file's form to the program's. PURE. Lists keep their order, so that an index means the same in both. */
export const resolveConfig = (document: ConfigDocument): ClusterConfig => ({
  cluster: document.cluster,
  nodes: Object.entries(document.nodes).map(([name, node]) => ({
    name,
    address: node.address,
    interface: node.interface,
    kind: node.kind,
    paths: node.paths,
  })),
  instances: Object.entries(document.instances).map(([name, instance]) => resolveInstance(name, instance)),
  services: Object.entries(document.services).map(([name, service]) => resolveService(name, service)),
  notify: resolveNotify(document.notify),
  peer: resolvePeer(document.peer),
  witnesses: document.witness.map(resolveWitness),
  quorum: document.quorum,
  fencing: document.fencing,
})

/** The password is not in the document: load.ts reads it from its file. */
const resolveInstance = (name: string, instance: InstanceDocument): InstanceConfig => ({
  name,
  vrid: instance.vrid,
  version: instance.version,
  interface: instance.interface,
  priority: instance.priority,
  preempt: instance.preempt,
  preemptDelay: instance.preempt_delay,
  advertInterval: instance.advert_interval,
  password: undefined,
  checksum: instance.checksum ?? { send: 'pseudo', accept: 'pseudo' },
  virtualAddresses: instance.virtual_addresses.map(resolveAddress),
  track: instance.track.map((entry) =>
    typeof entry === 'string'
      ? { service: entry, onFailure: { kind: 'release' } }
      : { service: entry.service, onFailure: resolveOnFailure(entry.on_failure) },
  ),
  whenAllDown: instance.when_all_down,
  announceRefresh: instance.announce_refresh,
  gate: instance.gate === 'on',
  notify: resolveNotify(instance.notify),
})

function resolveNotify(notify: NotifyDocument | undefined): NotifyConfig | undefined {
  if (notify === undefined) return undefined
  const { any, timeout, user, ...on } = notify
  return { on, any, timeout, user }
}

/** A short form is a prefix itself, whose `address` is a text. */
function resolveAddress(entry: InstanceDocument['virtual_addresses'][number]): VirtualAddress {
  if ('length' in entry) return { address: entry, interface: undefined, label: undefined }
  return { address: entry.address, interface: entry.interface, label: entry.label }
}

const resolveOnFailure = (given: 'release' | { readonly lower_priority: number }): OnFailure =>
  given === 'release' ? { kind: 'release' } : { kind: 'lower', by: given.lower_priority }

const resolveService = (name: string, service: ServiceDocument): ServiceConfig => ({
  name,
  probes: service.probes.map(resolveProbe),
  interval: service.interval,
  timeout: service.timeout,
  rise: service.rise,
  fall: service.fall,
  configTest: service.config_test,
  restart: resolveRestart(service.restart),
  budget: service.restart_budget,
  settle: service.settle,
  hungAfter: service.hung_after ?? service.timeout,
  patience: service.patience,
})

function resolveRestart(restart: ServiceDocument['restart']): RestartMethod {
  if (restart === 'none') return { kind: 'none' }
  if (restart.unit !== undefined) return { kind: 'unit', unit: restart.unit }
  return { kind: 'command', argv: restart.argv ?? [], pidFile: restart.pid_file }
}

type ProbeDocument = ServiceDocument['probes'][number]

/** The schema has made sure that exactly one kind is given. */
function resolveProbe(probe: ProbeDocument): ProbeSpec {
  if (probe.tcp !== undefined) return { kind: 'tcp', host: probe.tcp.host, port: probe.tcp.port }
  if (probe.http !== undefined) return resolveHttp(probe.http)
  if (probe.process !== undefined) return { kind: 'process', pidFile: probe.process.pid_file }
  if (probe.command !== undefined) return { kind: 'command', argv: probe.command.argv, user: probe.command.user }
  throw new Error('a probe of no kind passed the schema')
}

function resolveHttp(http: NonNullable<ProbeDocument['http']>): ProbeSpec {
  const text = http.body === undefined ? undefined : ({ kind: 'text', text: http.body } as const)
  return {
    kind: 'http',
    url: http.url,
    status: http.status,
    method: http.method,
    headers: http.headers,
    host: http.host,
    body: http.body_regex === undefined ? text : { kind: 'regex', regex: http.body_regex },
    sni: http.sni,
    ca: resolveCa(http.ca),
  }
}

function resolveCa(ca: string | undefined): Extract<ProbeSpec, { kind: 'http' }>['ca'] {
  if (ca === undefined || ca === 'system') return { kind: 'system' }
  return ca === 'none' ? { kind: 'none' } : { kind: 'file', path: ca }
}
