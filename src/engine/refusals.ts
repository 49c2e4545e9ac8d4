import type { ControlFailure } from '../control/parse.ts'
import { groupByText, listed } from '../shared/listing.ts'
import { formatDuration, fromMillis, type Micros } from '../shared/units.ts'
import { type Candidate, candidatesOf } from './core/candidates.ts'
import { describeCandidates } from './core/candidates-text.ts'
import { targetOf } from './core/peer-move.ts'
import { viewOf } from './core/peer-view.ts'
import { isRefused } from './core/refuse-hold.ts'
import type { EngineState, InstancePlan, NodePlan } from './core/types.ts'
import { masterDownInterval } from './vrrp/timing.ts'
import { LAST_RESORT } from './vrrp/types.ts'

/** PURE: why `haup failover` and `haup standby` are answered with no, and what to do about it; undefined: nothing is known. */

/** What was asked for. */
export type Asked = {
  readonly command: 'failover' | 'standby'
  readonly to?: string | undefined
  readonly strict?: boolean
}

/** Why the addresses cannot be handed to the node that an administrator has named. */
export function refuseTarget(
  plan: NodePlan,
  state: EngineState,
  targets: readonly InstancePlan[],
  to: string,
  now: Micros,
): ControlFailure | undefined {
  return refuseNode(plan, to) ?? refuseOutranked(plan, state, targets, to, now)
}

/** Nothing is handed over when it is known that for one of the instances nobody would be there. */
export function refuseNobody(
  plan: NodePlan,
  state: EngineState,
  targets: readonly InstancePlan[],
  asked: Asked,
  now: Micros,
): ControlFailure | undefined {
  const stuck = targets.filter((instance) => {
    const runtime = state.instances.get(instance.name)
    return runtime !== undefined && isRefused(plan, instance, runtime, state, { ...asked, now })
  })
  const [first] = stuck
  if (first === undefined) return undefined
  const known = new Map(stuck.map((instance) => [instance.name, candidatesFor(plan, instance, state, asked, now)]))
  const reasons = groupByText([...known].map(([name, candidates]) => [name, describe(candidates)]))
  const message = `nothing was handed over: ${reasons.map(([names, why]) => `nobody could take over ${listed(names)}: ${why}`).join('; ')}`
  return {
    ok: false,
    code: 'takeover.nobody',
    message,
    next_steps: [
      ...remedies([...known.values()].flat(), asked),
      ...rest(targets, stuck, asked),
      override(first, asked),
    ],
  }
}

function candidatesFor(
  plan: NodePlan,
  instance: InstancePlan,
  state: EngineState,
  { to }: Asked,
  now: Micros,
): readonly Candidate[] {
  const runtime = state.instances.get(instance.name)
  const all = runtime === undefined ? [] : candidatesOf(plan, instance, runtime, state, now)
  return all.filter(({ node }) => to === undefined || node === to)
}

const describe = (candidates: readonly Candidate[]): string =>
  candidates.length === 0 ? 'haup.yaml has no other node' : describeCandidates(candidates)

function remedies(candidates: readonly Candidate[], { command, to }: Asked): readonly string[] {
  if (candidates.length === 0) return ['add a second node: `haup init --join` there']
  const steps = candidates.flatMap(({ node, readiness, remedy }) => {
    const named =
      readiness === 'standby' && command === 'failover' && to === undefined
        ? `, or \`haup failover --to ${node}\` here`
        : ''
    return remedy === undefined ? [] : [`${node}: ${remedy}${named}`]
  })
  return [...new Set(steps)]
}

/** Some of them could be handed over. */
function rest(targets: readonly InstancePlan[], stuck: readonly InstancePlan[], { command }: Asked): readonly string[] {
  const able = targets.filter((each) => !stuck.includes(each)).map(({ name }) => name)
  return able.length === 0 || command !== 'failover' ? [] : [`only what can move: haup failover ${able.join(' ')}`]
}

/** What it costs to go on all the same. */
function override({ router }: InstancePlan, { command, strict = false }: Asked): string {
  const wait = masterDownInterval(router.version, LAST_RESORT, router.advertInterval)
  const away = formatDuration(fromMillis(Math.round(wait / 100_000) * 100))
  if (strict) return 'all the same: haup standby --strict --force; nobody serves then, until `haup resume`'
  if (command === 'standby') {
    return `all the same: haup standby --force; this node goes on serving until another one can, after an interruption of up to ${away} where nothing is known of another one`
  }
  return `all the same: haup failover --force; nobody serves for about ${away}, unless somebody takes over`
}

function refuseNode({ node, nodeNames, instances, channel }: NodePlan, to: string): ControlFailure | undefined {
  const others = [...nodeNames.values()].filter((name) => name !== node)
  const peers = channel?.peers ?? []
  const choice = `use one of: ${(peers.length > 0 ? peers : others).join(', ')}`
  if (to === node) return failure('node.this', `${to} is this node: it has nothing to hand over to itself`, choice)
  if (!others.includes(to)) return failure('node.unknown', `there is no node "${to}"`, choice)
  const kind = instances[0]?.peers.find(({ name }) => name === to)?.kind
  if (kind !== undefined && kind !== 'haup') {
    const message = `${to} runs ${kind}: it cannot be asked to take over, the node of the highest priority does`
    return failure('node.foreign', message, 'leave --to out')
  }
  if (peers.includes(to)) return undefined
  const message = 'without the peer channel nobody can be asked: the node of the highest priority takes over'
  return failure('peer.none', message, 'leave --to out, or add "peer:" to haup.yaml on all nodes')
}

/** A better node that could serve, too, would take the addresses from the named one at once. */
function refuseOutranked(
  plan: NodePlan,
  state: EngineState,
  targets: readonly InstancePlan[],
  to: string,
  now: Micros,
): ControlFailure | undefined {
  for (const instance of targets) {
    const runtime = state.instances.get(instance.name)
    const view = runtime && viewOf(plan, instance, runtime, state, now)
    const target = view && targetOf(view, to)
    const better = view && targetOf(view, undefined)
    if (target === undefined || better === undefined || better.name === to) continue
    if (target.rank.readiness === 'standby') {
      const message = `${better.name} would take ${instance.name} from ${to} at once: ${to} is in standby`
      return failure('node.outranked', message, `\`haup resume\` on ${to} first, or leave --to out`)
    }
    if (!instance.router.preempt) continue
    const message = `${better.name} would take ${instance.name} from ${to} at once: its priority is higher (${better.rank.priority}, ${to} has ${target.rank.priority})`
    return failure('node.outranked', message, `\`haup standby\` on ${better.name} first, or leave --to out`)
  }
  return undefined
}

const failure = (code: string, message: string, next: string): ControlFailure => ({
  ok: false,
  code,
  message,
  next_steps: [next],
})
