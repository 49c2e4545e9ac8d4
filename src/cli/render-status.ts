import type { InstanceState, InstanceStatus, PriorityPart, ServiceStatus, Status } from '../control/messages.ts'
import { printable } from '../shared/log.ts'
import { field, formatAge, formatInstant, WIDTH, wrap } from './layout.ts'
import type { Paint, Style } from './paint.ts'
import { renderPeers } from './render-peers.ts'
import { renderVerdict } from './render-verdict.ts'

/** One screen, the most important first: who holds what and who would take over, warnings, then all of it. Pure. */
export function renderStatus(status: Status, paint: Paint): string[] {
  return [
    ...renderVerdict(status, paint),
    ...renderHeader(status),
    ...status.warnings.flatMap(({ message }) => marked(`warning: ${printable(message)}`, 'warn', paint)),
    ...status.instances.flatMap((instance) => ['', ...renderInstance(instance, paint)]),
    ...(status.services.length > 0 ? [''] : []),
    ...status.services.flatMap((service) => renderService(service, paint)),
    ...renderPeers(status.peers, paint),
    '',
    ...renderLoop(status),
  ]
}

const renderHeader = (status: Status): string[] => {
  const { node, cluster, haup, uptime_seconds, pid } = status
  return wrap(printable(`${node} of ${cluster}: haup ${haup}, up ${formatAge(uptime_seconds)}, pid ${pid}`), WIDTH)
}

function renderInstance(instance: InstanceStatus, paint: Paint): string[] {
  const { state, since, since_seconds, hold } = instance
  return [
    ...renderHeadline(instance.name, state, STATE_STYLE[state], { since, since_seconds }, paint),
    ...field('why', printable(instance.reason)),
    ...instance.faults
      .filter((fault) => !instance.reason.includes(fault))
      .flatMap((fault) => painted('bad', paint, field('fault', printable(fault)))),
    ...(hold === null ? [] : painted('warn', paint, field('hold', describeHold(hold)))),
    ...instance.addresses.flatMap((address, index) => field(index === 0 ? 'addresses' : '', describeAddress(address))),
    ...field('priority', describePriority(instance)),
    ...field('peer', describePeer(instance)),
    ...field('vrrp', describeVrrp(instance)),
    ...renderCounters(instance),
  ]
}

/** `www  MASTER  since ...`; a very long name has a line of its own. */
function renderHeadline(
  name: string,
  state: string,
  style: Style,
  { since, since_seconds }: { readonly since: string; readonly since_seconds: number },
  paint: Paint,
): string[] {
  const shown = printable(name, WIDTH)
  const rest = `since ${printable(formatInstant(since), 30)} (${formatAge(since_seconds)})`
  const stands = `${paint(style, state)}  ${rest}`
  const fits = shown.length + state.length + rest.length + 4 <= WIDTH
  return fits ? [`${paint('strong', shown)}  ${stands}`] : [paint('strong', shown), `  ${stands}`]
}

const STATE_STYLE: Record<InstanceState, Style> = { MASTER: 'good', BACKUP: 'strong', INIT: 'warn', FAULT: 'bad' }

const describeAddress = (address: InstanceStatus['addresses'][number]): string =>
  printable(`${address.address} on ${address.interface}, ${address.bound ? 'bound' : 'not bound'}`)

function describeHold({ since, ends, standby, strict }: NonNullable<InstanceStatus['hold']>): string {
  const kind = strict ? 'on strict standby' : 'on standby'
  const what = standby ? `${kind}, by an administrator` : 'handed over by an administrator'
  const back = standby ? 'haup resume' : 'haup failover --back'
  const end = ends === null ? `until: ${back}` : `until ${formatInstant(ends)}`
  return printable(`${what} at ${formatInstant(since)}, ${end}`)
}

/** The priority as a sum: `110 = 150 base - 40 nginx failed`, `1 = last resort (nginx failed)`. */
export function describePriority({ priority }: Pick<InstanceStatus, 'priority'>): string {
  const { effective, parts } = priority
  const [first, ...rest] = parts
  if (first === undefined) return String(effective)
  if (rest.length === 0 && first.label !== 'base') return printable(`${effective} = ${first.label}`)
  return printable(`${effective} = ${first.value} ${first.label}${rest.map(signed).join('')}`)
}

const signed = ({ label, value }: PriorityPart): string => ` ${value < 0 ? '-' : '+'} ${Math.abs(value)} ${label}`

function describePeer({ last_heard: peer, state }: InstanceStatus): string {
  if (peer === null) return state === 'MASTER' ? 'no other master was heard' : 'none heard since the engine started'
  const name = peer.node === null ? peer.address : `${peer.node} ${peer.address}`
  const what = peer.priority === 0 ? 'released (priority 0)' : `priority ${peer.priority}`
  return printable(`${name}, ${what}, ${formatAge(peer.seconds_ago)} ago`)
}

const describeVrrp = (instance: InstanceStatus): string =>
  printable(
    `VRID ${instance.vrid} on ${instance.interface}, version ${instance.vrrp_version}, every ${
      instance.advert_interval_ms
    } ms, ${instance.preempt ? 'preempting' : 'not preempting'}`,
  )

/** Every node that takes over announces the addresses: what others hear of it is no alarm. */
const COUNTER_WORDS: Readonly<Record<string, string>> = { foreign_claims_heard: "others' announcements heard" }

/** Only what happened. */
function renderCounters({ counters }: InstanceStatus): string[] {
  const { rejected, ...plainCounters } = counters
  const words = (key: string): string => COUNTER_WORDS[key] ?? key.replaceAll('_', ' ')
  const counted = Object.entries(plainCounters).filter(([, count]) => count !== 0)
  const refused = Object.entries(rejected).filter(([, count]) => count !== 0)
  return [
    ...(counted.length === 0 ? [] : field('counted', joinCounts(counted.map(([key, count]) => [words(key), count])))),
    ...(refused.length === 0 ? [] : field('rejected', joinCounts(refused))),
  ]
}

const joinCounts = (counts: readonly (readonly [string, number])[]): string =>
  printable(counts.map(([label, count]) => `${label} ${count}`).join(', '))

function renderService(service: ServiceStatus, paint: Paint): string[] {
  const { state, since, since_seconds, restarts_in_window: used, restarts_allowed: allowed } = service
  const style = state === 'HEALTHY' ? 'good' : state === 'FAILED' ? 'bad' : 'warn'
  return [
    ...renderHeadline(service.name, state, style, { since, since_seconds }, paint),
    ...((state === 'HEALTHY' && !service.remedies_paused) || service.reason === ''
      ? []
      : field('why', printable(service.reason))),
    ...service.probes.flatMap((probe) => {
      const lines = field('probe', printable(`${probe.probe}: ${probe.ok ? 'ok' : 'FAILED'}, ${probe.detail}`))
      return probe.ok ? lines : painted('bad', paint, lines)
    }),
    ...field('process', describeMain(service)),
    ...(used === 0 ? [] : field('restarts', `${used} of ${allowed} used${used >= allowed ? ' up' : ''}`)),
  ]
}

function describeMain({ main_process: main }: ServiceStatus): string {
  return main.watched ? `${main.pid}, watched` : printable(`not watched, only probed: ${main.reason}`)
}

function renderLoop({ loop }: Status): string[] {
  const { p50, p99, max } = loop.lateness_ms
  const ms = (value: number): string => `${Number(value.toFixed(value < 10 ? 2 : 0))} ms`
  return wrap(`engine loop late by ${ms(p50)} (median), ${ms(p99)} (p99), ${ms(max)} at most`, WIDTH)
}

const marked = (text: string, style: Style, paint: Paint): string[] => painted(style, paint, wrap(text, WIDTH))

const painted = (style: Style, paint: Paint, lines: readonly string[]): string[] =>
  lines.map((line) => paint(style, line))
