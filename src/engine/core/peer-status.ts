import type { PeerStatus } from '../../control/messages.ts'
import { type Micros, micros, minus, plus, toMillis, toSeconds, ZERO } from '../../shared/units.ts'
import { lifeOf } from '../peer/life.ts'
import type { PeerFacts, PeerHead, PeerInstance, Row } from '../peer/types.ts'
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
    const { node, head, provenAt, heardAt, paths, instances, services } = facts
    const wait = micros(Math.max(own.wait, ...[...instances.values()].map(({ says }) => says.wait)))
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
      haup: head?.haup ?? null,
      standby: head?.standby === true,
      leaving: head?.leaving === true,
      lateness_ms: head === undefined ? null : toMillis(head.lateness),
      config: head === undefined ? null : compareDigests(own.digests, head.digests),
      instances: inOrder(instances).map((row) => describeInstance(row, now)),
      services: inOrder(services).map(({ says: { name, good, detail } }) => ({ name, good, detail })),
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

/** Rows come in no certain order. */
const inOrder = <T extends { readonly name: string }>(rows: ReadonlyMap<string, Row<T>>): readonly Row<T>[] =>
  [...rows.values()].toSorted((a, b) => a.says.name.localeCompare(b.says.name, 'en', { numeric: true }))

function describeInstance({ says, heardAt }: Row<PeerInstance>, now: Micros): PeerStatus['instances'][number] {
  const { name, state, age, reason, readiness, priority, holding, lan } = says
  const since = plus(age, minus(now, heardAt))
  return {
    name,
    state,
    since_seconds: secondsOf(since),
    reason,
    ready: readiness === 'serves',
    readiness,
    priority,
    holding,
    lan,
  }
}

/** Sections that one of the two has and the other has not differ too. */
function compareDigests(own: PeerHead['digests'], theirs: PeerHead['digests']): NonNullable<PeerStatus['config']> {
  const sections = [...new Set([...Object.keys(own), ...Object.keys(theirs)])]
  const differs = sections.filter((section) => own[section] !== theirs[section]).toSorted()
  return differs.length === 0 ? 'same' : { differs }
}

const agoOf = (at: Micros | undefined, now: Micros): number | null =>
  at === undefined ? null : secondsOf(minus(now, at))

const secondsOf = (duration: Micros): number => Number(toSeconds(duration).toFixed(3))
