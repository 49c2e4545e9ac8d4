import { compareIpv4, formatPrefix, type Ipv4, type Ipv4Prefix } from '../shared/ip.ts'
import { durationText, type Micros } from '../shared/units.ts'
import { render } from './render.ts'

/** What goes into a new haup.yaml: two nodes, one instance or two, one service. All values are checked already. */
export type HaupYamlPlan = {
  readonly cluster: string
  readonly nodes: readonly { readonly name: string; readonly address: Ipv4; readonly paths: readonly Ipv4[] }[]
  readonly instances: readonly PlannedInstance[]
  readonly interface: string | undefined
  readonly version: 2 | 3
  readonly advertInterval: Micros
  /** After how long a dead box is replaced; what pauses for less than `stall` moves nothing (undefined: it is not fenced). */
  readonly silence: { readonly replaced: Micros; readonly stall: Micros | undefined }
  readonly priorities: { readonly preferred: number; readonly other: number }
  readonly preempt: boolean
  /** Name of the file, not the password. */
  readonly passwordFile: string | undefined
  readonly service: PlannedService
  /** Commands that are told of changes of state; none: the key is left out. */
  readonly notify: readonly { readonly when: string; readonly argv: readonly string[] }[]
  /** The peer channel; undefined = without. */
  readonly peer: { readonly keyFile: string } | undefined
  readonly witnesses: readonly PlannedWitness[]
}

/** `target` as in the file. */
export type PlannedWitness = { readonly kind: 'ping' | 'arp' | 'tcp' | 'http'; readonly target: string }

export type PlannedAddress = Ipv4Prefix & { readonly interface: string | undefined; readonly label: string | undefined }

export type PlannedInstance = {
  readonly name: string
  readonly vrid: number
  /** Name of the node that holds the addresses when all is well. */
  readonly preferred: string
  readonly addresses: readonly PlannedAddress[]
}

export type PlannedService = {
  readonly name: string
  /** http or https, probed by TCP too. */
  readonly url: string
  /** `Host` header, when the server answers only under a name. */
  readonly host: string | undefined
  /** As in the file: `200-399`. */
  readonly status: readonly string[]
  /** As in the file; undefined: no sooner than by the timeout. */
  readonly hungAfter: string | undefined
  readonly configTest: readonly string[] | undefined
  readonly restart:
    | { readonly kind: 'none' }
    | { readonly kind: 'unit'; readonly unit: string }
    | { readonly kind: 'command'; readonly argv: readonly string[]; readonly pidFile: string | undefined }
  /** `2 within 60s` */
  readonly budget: string
}

/** The text of haup.yaml. PURE. The same plan gives the same bytes, whichever node it was made on. */
export function renderHaupYaml(template: string, plan: HaupYamlPlan): string {
  const nodes = plan.nodes.toSorted((a, b) => compareIpv4(a.address, b.address))
  return render(template, {
    cluster: plan.cluster,
    nodes,
    instances: plan.instances.map((instance) => viewInstance(plan, instance, nodes)),
    service: viewService(plan.service),
    notify: plan.notify.length === 0 ? null : plan.notify,
    peer: plan.peer ?? null,
    witnesses: plan.witnesses.length === 0 ? null : plan.witnesses,
  })
}

const viewInstance = (plan: HaupYamlPlan, instance: PlannedInstance, nodes: HaupYamlPlan['nodes']) => ({
  name: instance.name,
  vrid: instance.vrid,
  version: plan.version,
  isVersion3: plan.version === 3,
  interface: plan.interface ?? null,
  preferred: instance.preferred,
  priorities: nodes.map(({ name }) => ({
    node: name,
    value: name === instance.preferred ? plan.priorities.preferred : plan.priorities.other,
  })),
  preempt: plan.preempt,
  advertInterval: durationText(plan.advertInterval),
  replaced: tenths(plan.silence.replaced, Math.ceil),
  stall: plan.silence.stall === undefined ? null : tenths(plan.silence.stall, Math.floor),
  passwordFile: plan.passwordFile ?? null,
  addresses: instance.addresses.map((address) => ({
    prefix: formatPrefix(address),
    isMapping: address.interface !== undefined || address.label !== undefined,
    interface: address.interface ?? null,
    label: address.label ?? null,
  })),
  service: plan.service.name,
})

const tenths = (duration: Micros, round: (value: number) => number): string => `${round(duration / 100_000) / 10} s`

function viewService({ restart, configTest, ...service }: PlannedService) {
  const url = new URL(service.url)
  const isTls = url.protocol === 'https:'
  return {
    name: service.name,
    url: service.url,
    tcpHost: url.hostname,
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    httpHost: service.host ?? null,
    isTls,
    status: service.status,
    hungAfter: service.hungAfter ?? null,
    configTest: restart.kind === 'none' ? null : (configTest ?? null),
    unit: restart.kind === 'unit' ? restart.unit : null,
    command: restart.kind === 'command' ? restart.argv : null,
    pidFile: restart.kind === 'command' ? (restart.pidFile ?? null) : null,
    budget: restart.kind === 'none' ? null : service.budget,
  }
}
