import type { InstanceStatus, ServiceStatus, Status } from '../control/messages.ts'
import { groupByText, listed } from '../shared/listing.ts'
import { printable } from '../shared/log.ts'
import { WIDTH, wrap } from './layout.ts'
import type { Paint, Style } from './paint.ts'

/** Who holds what, why it is not where it belongs, and who would take over: the first lines of `haup status`. Pure. */
export function renderVerdict({ node, instances, services }: Status, paint: Paint): string[] {
  const groups = groupByText(instances.map((each) => [each.name, describe(node, each, services)]))
  return groups.flatMap(([names, text]) => {
    const styles = instances.filter(({ name }) => names.includes(name)).map((each) => styleOf(each, services))
    const style = ORDER.find((each) => styles.includes(each)) ?? 'good'
    return wrap(printable(`${listed(names)}: ${text}`, 1_000), WIDTH).map((line) => paint(style, line))
  })
}

const ORDER: readonly Style[] = ['bad', 'warn', 'good']

type Candidate = InstanceStatus['candidates'][number]

type Services = Status['services']

const describe = (node: string, instance: InstanceStatus, services: Services): string =>
  [describeHolder(node, instance), describeIll(instance, services), describeSuccession(instance)]
    .filter((text) => text !== '')
    .join('; ')

/** What clients of an address that is held here come for, and what does not work; one bad answer makes no service ill. */
export const illServices = ({ state, tracks }: InstanceStatus, services: Services): Services =>
  state === 'MASTER' ? services.filter((each) => tracks.includes(each.name) && ILL.has(each.state)) : []

const ILL: ReadonlySet<ServiceStatus['state']> = new Set(['TESTING', 'RESTARTING', 'VERIFYING', 'FAILED'])

const describeIll = (instance: InstanceStatus, services: Services): string =>
  illServices(instance, services)
    .map(({ name, state, reason }) => `${name} does not serve: ${state}${reason === '' ? '' : `, ${reason}`}`)
    .join('; ')

function describeHolder(node: string, { holder, preferred, candidates }: InstanceStatus): string {
  if (holder === null) return 'held by no node that is known'
  const here = holder === node ? ' (this node)' : ''
  const away = candidates.find((each) => each.node === preferred)
  const why = away === undefined || away.why === '' ? '' : `, not ${preferred} (${away.why})`
  return `held by ${holder}${here}${why}`
}

function describeSuccession({ holder, candidates }: InstanceStatus): string {
  if (holder === null || candidates.length === 0) return ''
  const able = nodesThat('serves', candidates)
  if (able !== '') return `${able} would take over`
  const resting = nodesThat('standby', candidates)
  if (resting !== '') return `${resting} would take over, though an administrator keeps it behind`
  const unknown = nodesThat('unknown', candidates)
  return unknown === '' ? 'nobody would take over' : `${unknown} may take over, nothing but its adverts tells`
}

const nodesThat = (readiness: Candidate['readiness'], candidates: readonly Candidate[]): string =>
  candidates
    .filter((each) => each.readiness === readiness)
    .map(({ node }) => node)
    .join(' or ')

const styleOf = (instance: InstanceStatus, services: Services): Style =>
  instance.holder === null || illServices(instance, services).length > 0 ? 'bad' : styleOfSuccession(instance)

const styleOfSuccession = ({ candidates }: InstanceStatus): Style =>
  candidates.length > 0 && candidates.every(({ readiness }) => readiness === 'unable') ? 'warn' : 'good'
