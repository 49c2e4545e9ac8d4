import type { InstanceStatus, Status } from '../control/messages.ts'
import { groupByText, listed } from '../shared/listing.ts'
import { printable } from '../shared/log.ts'
import { WIDTH, wrap } from './layout.ts'
import type { Paint, Style } from './paint.ts'
import { illServices, isAlone } from './status-facts.ts'

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
  instance.holder === null || illServices(instance, services).length > 0 ? 'bad' : isAlone(instance) ? 'warn' : 'good'
