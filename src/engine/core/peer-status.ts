import type { PeerStatus } from '../../control/messages.ts'
import { type Micros, micros, minus, plus, toMillis, toSeconds, ZERO } from '../../shared/units.ts'
import { lifeOf } from '../peer/life.ts'
import type { PeerFacts, PeerInstance, PeerReport } from '../peer/types.ts'
import { masterDownInterval } from '../vrrp/timing.ts'
import { LAST_RESORT } from '../vrrp/types.ts'
import type { NodePlan } from './types.ts'

/** What this node's own configuration and times are, to judge others by. */
export type OwnSide = {
  readonly digests: Readonly<Record<string, string>>
  /** How long a node may be silent before it counts as such. */
  readonly wait: Micros
  /** The names of the paths to each node, as configured. */
  readonly paths: ReadonlyMap<string, readonly string[]>
}

/** PURE. The other haup nodes for `haup status`, each fact with its age: what a node has said may have changed since. */
export const peerStatus = (view: readonly PeerFacts[], own: OwnSide, now: Micros): PeerStatus[] =>
  view.map((facts) => {
    const { node, report, provenAt, heardAt, paths } = facts
    const wait = micros(Math.max(own.wait, ...(report?.instances.map((each) => each.wait) ?? [])))
    const life = lifeOf(facts, wait, now)
    return {
      node,
      alive: life === 'alive',
      life,
      age_seconds: agoOf(provenAt ?? heardAt, now),
      paths: (own.paths.get(node) ?? []).map((name) => ({
        name,
        heard_seconds_ago: agoOf(paths.find((path) => path.name === name)?.heardAt, now),
      })),
      haup: report?.haup ?? null,
      standby: report?.standby === true,
      leaving: report?.leaving === true,
      lateness_ms: report === undefined ? null : toMillis(report.lateness),
      config: report === undefined ? null : compareDigests(own.digests, report.digests),
      instances: report?.instances.map((instance) => describeInstance(instance, heardAt ?? now, now)) ?? [],
      services: report?.services.map(({ name, good, detail }) => ({ name, good, detail })) ?? [],
    }
  })

/** What the plan of this node says of it; without a channel there is nobody to judge. */
export const ownSide = ({ instances, channel }: Pick<NodePlan, 'instances' | 'channel'>): OwnSide => ({
  digests: channel?.digests ?? {},
  paths: new Map(channel?.config.peers.map(({ node, paths }) => [node, paths.map(({ name }) => name)])),
  wait: instances.reduce((longest, { router }) => {
    const wait = masterDownInterval(router.version, LAST_RESORT, router.advertInterval)
    return wait > longest ? wait : longest
  }, ZERO),
})

function describeInstance(instance: PeerInstance, heardAt: Micros, now: Micros): PeerStatus['instances'][number] {
  const { name, state, age, reason, ready, priority, holding, lan } = instance
  const since = plus(age, minus(now, heardAt))
  return { name, state, since_seconds: secondsOf(since), reason, ready, priority, holding, lan }
}

/** Sections that one of the two has and the other has not differ too. */
function compareDigests(own: PeerReport['digests'], theirs: PeerReport['digests']): NonNullable<PeerStatus['config']> {
  const sections = [...new Set([...Object.keys(own), ...Object.keys(theirs)])]
  const differs = sections.filter((section) => own[section] !== theirs[section]).toSorted()
  return differs.length === 0 ? 'same' : { differs }
}

const agoOf = (at: Micros | undefined, now: Micros): number | null =>
  at === undefined ? null : secondsOf(minus(now, at))

const secondsOf = (duration: Micros): number => Number(toSeconds(duration).toFixed(3))
