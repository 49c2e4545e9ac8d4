import type { InstanceState } from '../../control/messages.ts'
import { assertNever } from '../../shared/errors.ts'
import type { Micros } from '../../shared/units.ts'
import type { Readiness } from '../peer/types.ts'
import type { Peer } from './lan-types.ts'
import { participation } from './participation.ts'
import { isOffLan, type Other, readinessOf, type View, viewOf } from './peer-view.ts'
import type { EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** Who could take an instance over, as far as this node knows. PURE. */

export type Candidate = {
  readonly node: string
  /** `unknown`: only adverts tell of it, and a backup sends none. */
  readonly readiness: Readiness | 'unknown'
  /** What is the matter with it, or why nothing is known; empty for one that serves. */
  readonly why: string
  /** What an administrator can do about it. */
  readonly remedy: string | undefined
}

/** All other nodes, whether or not they could take over. */
export function candidatesOf(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  now: Micros,
): readonly Candidate[] {
  const view = viewOf(plan, instance, runtime, state, now)
  return instance.peers.map((peer) => {
    const other = view?.others.find(({ name }) => name === peer.name)
    return other === undefined || view === undefined ? unseen(peer) : judge(instance, view, other)
  })
}

/** This node as others see it. */
export function ownCandidate(
  { node }: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
): Candidate {
  const readiness = readinessOf(runtime, participation(instance, runtime, state.services), state)
  const { state: shown, reason } = runtime.display
  return { node, readiness, why: whyNot(readiness, shown, reason, runtime.hold !== undefined), remedy: undefined }
}

/** Out of the election by nothing but an administrator's word: the state adds nothing to that. */
const whyNot = (readiness: Readiness, state: InstanceState, reason: string, isHeld: boolean): string =>
  readiness === 'serves' ? '' : readiness === 'standby' || (isHeld && state === 'INIT') ? reason : `${state}: ${reason}`

/** Which node has the addresses, and who else could: of one instance. */
export type Standing = {
  /** By its own word or its adverts, heard lately; an address when it is no node. */
  readonly holder: string | undefined
  /** The node that holds when all is well. */
  readonly preferred: string
  /** All nodes but the holder. */
  readonly candidates: readonly Candidate[]
}

export function standingOf(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  now: Micros,
): Standing {
  const holder = holderOf(plan, instance, runtime, state, now)
  const nodes = [{ name: plan.node, basePriority: instance.basePriority }, ...instance.peers]
  const all = [ownCandidate(plan, instance, runtime, state), ...candidatesOf(plan, instance, runtime, state, now)]
  return {
    holder,
    preferred: nodes.toSorted((a, b) => b.basePriority - a.basePriority)[0]?.name ?? plan.node,
    candidates: all.filter(({ node }) => node !== holder),
  }
}

function holderOf(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  now: Micros,
): string | undefined {
  const { phase, master } = runtime.router
  if (phase.kind === 'master') return plan.node
  const others = viewOf(plan, instance, runtime, state, now)?.others ?? []
  const known = others.find(({ holds, says }) => holds && says?.state === 'MASTER')
  if (known !== undefined) return known.name
  const isFresh = master !== undefined && master.priority > 0 && now - master.heardAt <= 3 * master.interval
  return isFresh ? (plan.nodeNames.get(master.address) ?? master.address) : undefined
}

/** Whether it is known that no node takes over by itself when the present holder lets go. */
export const isNobodyLeft = (candidates: readonly Candidate[]): boolean =>
  candidates.every(({ readiness }) => readiness === 'unable')

/** Whether it is known that an administrator's hand-over would find nobody: who is in standby is not asked unless named. */
export const isNobodyReady = (candidates: readonly Candidate[], to: string | undefined): boolean =>
  candidates.every(
    ({ node, readiness }) => readiness === 'unable' || (readiness === 'standby' && node !== to) || isOther(node, to),
  )

const isOther = (node: string, to: string | undefined): boolean => to !== undefined && node !== to

const unseen = ({ name: node, kind }: Peer): Candidate => ({
  node,
  readiness: 'unknown',
  why:
    kind === 'haup'
      ? 'there is no peer channel, only its adverts are heard'
      : `it runs ${kind}, only its adverts are heard`,
  remedy: undefined,
})

const START = 'start haup there: systemctl start haup'

const unheardRemedy = (port: number): string => `${START}; where it runs, let UDP port ${port} pass between the nodes`

const RESUME = '`haup resume` there'

/** One that is heard of by the channel. */
export function judge({ name }: InstancePlan, { channel, now }: View, other: Other): Candidate {
  const { name: node, life, broken, says, facts } = other
  const unable = (why: string, remedy: string): Candidate => ({ node, readiness: 'unable', why, remedy })
  switch (life) {
    case 'unknown':
      return unable('nothing was heard of it since this engine started', unheardRemedy(channel.config.port))
    case 'left':
      return unable('its engine has stopped', START)
    case 'died':
      return unable('its engine has died', START)
    case 'silent':
      return unable('nothing is heard of it', unheardRemedy(channel.config.port))
    case 'alive':
      break
    default:
      return assertNever(life)
  }
  if (broken)
    return unable('its engine seems to have died: the connection to it ended, and nothing was heard since', START)
  if (says === undefined)
    return unable(`its haup.yaml has no instance ${name}`, 'copy haup.yaml there, then haup reload')
  if (isOffLan(other, now) && says.readiness !== 'unable') {
    const lost = 'nothing of it arrives over the LAN, only by another line: clients may not reach it there'
    return unable(lost, `see its cable, and let UDP port ${channel.config.port} pass on the LAN`)
  }
  const { readiness, state, reason } = says
  const isHeld = facts.head?.standby === true
  const why = whyNot(readiness, state, reason, isHeld)
  if (readiness === 'serves') return { node, readiness, why, remedy: undefined }
  const isToResume = readiness === 'standby' || (isHeld && state === 'INIT')
  return { node, readiness, why, remedy: isToResume ? RESUME : 'see `haup status` there' }
}
