import type { Warning } from '../../control/messages.ts'
import type { LogRecord } from '../../shared/log.ts'
import { type Micros, micros, plus } from '../../shared/units.ts'
import type { PeerFacts } from '../peer/types.ts'
import type { ChannelTrouble } from './peer-types.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, NodePlan } from './types.ts'

/** Which nodes hear each other by the channel, for the log and for `status`. PURE. */

/** In reports that are due: fewer are lost on any line now and then. */
const LOST_FOR = 4
/** In adverts. */
const RECENT_FOR = 3

/** What `status` has to say about it as it is now. */
export function hearingWarnings(plan: NodePlan, state: EngineState, now: Micros): readonly Warning[] {
  return [...state.peers.values()].flatMap((facts) => {
    const trouble = troubleWith(plan, state, facts, now)
    return trouble === undefined ? [] : [{ code: CODES[trouble], message: describe(plan, facts.node, trouble) }]
  })
}

/** The same for the log, once as it begins and once as it ends: looked at with each report and each advert of the node. */
export function followHearing(plan: NodePlan, state: EngineState, event: EngineEvent): Followed {
  const { hearing } = state
  const node = senderOf(plan, event)
  const facts = node === undefined ? undefined : state.peers.get(node)
  if (node === undefined || facts === undefined) return { hearing, actions: [] }
  const trouble = troubleWith(plan, state, facts, event.now)
  if (trouble === hearing.get(node)) return { hearing, actions: [] }
  const next = new Map(hearing)
  if (trouble === undefined) next.delete(node)
  else next.set(node, trouble)
  const record: Omit<LogRecord, 'subject'> =
    trouble === undefined
      ? { level: 'info', code: 'peer.heard-again', message: 'this node and that one hear each other by the channel' }
      : { level: 'warn', code: CODES[trouble], message: describe(plan, node, trouble) }
  return { hearing: next, actions: [{ kind: 'log', record: { ...record, subject: node } }] }
}

export type Followed = Pick<EngineState, 'hearing'> & { readonly actions: readonly EngineAction[] }

/** Of the adverts of a node one instance's are enough. */
function senderOf({ instances: [first] }: NodePlan, event: EngineEvent): string | undefined {
  if (event.kind === 'peer-heard') return event.node
  if (event.kind !== 'advert' || event.instance !== first?.name) return undefined
  return first.peers.find(({ address }) => address === event.from)?.name
}

function troubleWith(plan: NodePlan, state: EngineState, facts: PeerFacts, now: Micros): ChannelTrouble | undefined {
  const { channel } = plan
  if (channel === undefined || state.wokeAt === undefined || facts.head?.leaving === true) return undefined
  const every = micros(Math.max(channel.every, facts.head?.every ?? 0))
  const patience = micros(LOST_FOR * every)
  // After the start, and after waking late, others need as long to be heard.
  if (now < plus(state.wokeAt, patience)) return undefined
  const isHeard = facts.heardAt !== undefined && now < plus(facts.heardAt, patience)
  if (!isHeard) return advertises(plan, state, facts.node, now) ? 'reports-lost' : undefined
  return facts.provenAt === undefined || now >= plus(facts.provenAt, patience) ? 'not-acknowledged' : undefined
}

const advertises = ({ instances }: NodePlan, state: EngineState, node: string, now: Micros): boolean =>
  instances.some((instance) => {
    const at = lastAdvert(instance, state, node)
    return at !== undefined && now < plus(at, micros(RECENT_FOR * instance.router.advertInterval))
  })

function lastAdvert({ name, peers }: InstancePlan, { instances }: EngineState, node: string): Micros | undefined {
  const address = peers.find((peer) => peer.name === node)?.address
  return address && instances.get(name)?.lan.heard.get(address)
}

const CODES: Readonly<Record<ChannelTrouble, string>> = {
  'not-acknowledged': 'peer.not-acknowledged',
  'reports-lost': 'peer.reports-lost',
}

function describe({ channel }: NodePlan, node: string, trouble: ChannelTrouble): string {
  const port = `UDP port ${channel?.config.port}`
  return trouble === 'not-acknowledged'
    ? `${node} does not acknowledge the reports of this node: let ${port} pass on ${node} and on what is between them. Until then it goes by adverts alone`
    : `adverts of ${node} arrive, its reports do not: let ${port} pass on this node and on what is between them. Until then adverts alone tell of it`
}
