import { stringify } from 'yaml'
import { formatPrefix } from '../shared/ip.ts'
import { durationText } from '../shared/units.ts'
import type { ConfigDocument, InstanceDocument, NotifyDocument, ServiceDocument, WitnessDocument } from './schema.ts'

/** A document in the file's own form with all defaults written out. PURE. Loading it gives the same configuration. */
export const effectiveConfig = (document: ConfigDocument) => ({
  cluster: document.cluster,
  nodes: document.nodes,
  instances: mapValues(document.instances, effectiveInstance),
  services: mapValues(document.services, effectiveService),
  notify: effectiveNotify(document.notify),
  peer: document.peer,
  witness: document.witness.map(effectiveWitness),
  quorum: document.quorum,
  fencing: document.fencing && { ...document.fencing, timeout: durationText(document.fencing.timeout) },
})

export const effectiveYaml = (document: ConfigDocument): string =>
  stringify(withoutUndefined(effectiveConfig(document)), { lineWidth: 0 })

const effectiveInstance = (instance: InstanceDocument) => ({
  ...instance,
  preempt_delay: durationText(instance.preempt_delay),
  advert_interval: durationText(instance.advert_interval),
  checksum: instance.checksum ?? (instance.version === 3 ? { send: 'pseudo', accept: 'pseudo' } : undefined),
  virtual_addresses: instance.virtual_addresses.map((entry) =>
    'length' in entry ? formatPrefix(entry) : { ...entry, address: formatPrefix(entry.address) },
  ),
  track: instance.track.map((entry) => (typeof entry === 'string' ? { service: entry, on_failure: 'release' } : entry)),
  announce_refresh: durationText(instance.announce_refresh),
  notify: effectiveNotify(instance.notify),
})

const effectiveNotify = (notify: NotifyDocument | undefined) =>
  notify === undefined ? undefined : { ...notify, timeout: durationText(notify.timeout) }

/** What concerns reachability only would be an error beside a lease. */
const effectiveWitness = ({ lease, tcp, timeout, interval, rise, fall, ...witness }: WitnessDocument) => ({
  ...witness,
  tcp: tcp && `${tcp.host}:${tcp.port}`,
  ...(lease === undefined
    ? { interval: durationText(interval), timeout: durationText(timeout), rise, fall }
    : { lease: { ...lease, ttl: durationText(lease.ttl) }, timeout: durationText(timeout) }),
})

const effectiveService = (service: ServiceDocument) => ({
  ...service,
  probes: service.probes.map(({ http, ...others }) =>
    http === undefined
      ? others
      : {
          http: {
            ...http,
            status: http.status.map(([low, high]) => (low === high ? low : `${low}-${high}`)),
            body_regex: http.body_regex?.source,
          },
        },
  ),
  interval: durationText(service.interval),
  timeout: durationText(service.timeout),
  hung_after: durationText(service.hung_after ?? service.timeout),
  restart_budget: `${service.restart_budget.restarts} within ${durationText(service.restart_budget.within)}`,
  settle: durationText(service.settle),
  patience: durationText(service.patience),
})

const mapValues = <T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))

/** Keys that are not set are left out. */
const withoutUndefined = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
