import type { Priority } from '../../../src/engine/vrrp/types.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { fromMillis, fromSeconds, type Micros, micros } from '../../../src/shared/units.ts'
import type { Flaw, Link } from '../peers/lan.ts'
import { nodeFaults } from './node-faults.ts'
import { boxOf, type Role, type Scene } from './scene.ts'
import type { Shape } from './shapes.ts'

/** One thing that is wrong, from its beginning until everything is healed. */
export type Fault = {
  readonly name: string
  /** What exceptions, and the bounds of a cell, go by. */
  readonly kind: FaultKind
  /** Much like another one: not in every pair. */
  readonly isVariant?: boolean
  readonly begin: (scene: Scene) => void
}

export type FaultKind =
  | { readonly of: 'link'; readonly path: PathKind; readonly way: Way; readonly flaw: FlawKind }
  | { readonly of: 'forged'; readonly path: 'advert' | 'channel' | 'stream' | 'arp'; readonly what: string }
  | { readonly of: 'node'; readonly state: NodeState; readonly role: Role }

export type PathKind = 'advert' | 'lan' | 'path1' | 'channel' | 'stream' | 'arp' | 'line' | 'all'
/** `out`: from the holder to the backup. */
export type Way = 'out' | 'in' | 'both'
export type FlawKind = 'lost' | 'late' | 'lossy' | 'large'
export type NodeState =
  | 'service'
  | 'standby'
  | 'failover'
  | 'hang'
  | 'stall'
  | 'killed'
  | 'restarted'
  | 'starved'
  | 'slow'
  | 'dead'
  | 'unplugged'
  | 'deaf'
  | 'half-deaf'
  | 'kernel'
  | 'address'
  | 'witness'
  | 'store'

const WAYS: readonly Way[] = ['out', 'in', 'both']
const ALL_PATHS = ['advert', 'lan', 'path1', 'channel', 'stream', 'arp', 'line', 'all'] as const

/** Every single fault that a group of this shape can have. */
export function faultsOf(shape: Shape): readonly Fault[] {
  const paths = shape.path ? ALL_PATHS : ALL_PATHS.filter((each) => !['path1', 'channel', 'all'].includes(each))
  const heard = paths.filter((each) => shape.hearsArp || each !== 'arp')
  return [...heard.flatMap(linkFaults), ...forgedAdverts(), ...forgedElse(shape), ...nodeFaults(shape)]
}

/** Too large for a path is what only groups with many instances say. */
export const largeFaults = (shape: Shape): readonly Fault[] =>
  (shape.path ? (['lan', 'path1', 'channel'] as const) : (['lan'] as const)).flatMap((path) =>
    WAYS.map((way) => linkFault(path, way, 'large')),
  )

function linkFaults(path: PathKind): readonly Fault[] {
  const flaws: readonly FlawKind[] = path === 'stream' ? ['lost'] : ['lost', 'late', 'lossy']
  return flaws.flatMap((flaw) => WAYS.map((way) => linkFault(path, way, flaw)))
}

const WAY_NAMES: Readonly<Record<Way, string>> = { out: 'holder>backup', in: 'backup>holder', both: 'holder=backup' }

const linkFault = (path: PathKind, way: Way, flaw: FlawKind): Fault => ({
  name: `${flaw} ${path} ${WAY_NAMES[way]}`,
  kind: { of: 'link', path, way, flaw },
  begin: (scene) => {
    const { world, holder, backup } = scene
    const pairs = [
      ...(way === 'in' ? [] : [[holder, backup] as const]),
      ...(way === 'out' ? [] : [[backup, holder] as const]),
    ]
    for (const [from, to] of pairs) {
      for (const link of linksOf(path)) {
        if (flaw === 'lost') world.wires.cut(from, to, link)
        else world.wires.spoil(from, to, link, flawOf(scene, flaw))
      }
    }
  },
})

function linksOf(path: PathKind): readonly Link[] {
  if (path === 'channel') return ['lan', 'path1']
  if (path === 'line') return ['advert', 'arp', 'lan']
  if (path === 'all') return ['advert', 'arp', 'stream', 'lan', 'path1']
  return [path]
}

/** With its seal around it, a report of 1,200 bytes passes. */
const LARGEST = 1_300

function flawOf({ random }: Scene, flaw: Exclude<FlawKind, 'lost'>): Flaw {
  if (flaw === 'large') return { largest: LARGEST }
  if (flaw === 'lossy') return { loses: () => random.chance(0.5) }
  return { delays: () => fromMillis(random.between(500, 2_000)) }
}

const NOBODY = '192.0.2.77' as Ipv4
/** The longest that a VRRPv3 advert can say: 4095 centiseconds. */
const LONGEST = fromMillis(40_950)
const SHORTEST = fromMillis(10)
const OFTEN = fromMillis(250)

type Forgery = {
  readonly from: 'nobody' | 'holder' | 'backup'
  readonly priority: Priority
  readonly interval: Micros | undefined
}

const FORGERIES: readonly Forgery[] = (['nobody', 'holder', 'backup'] as const).flatMap((from): Forgery[] => [
  ...[0, 1, 245, 255].map((priority) => ({ from, priority, interval: undefined })),
  { from, priority: 255, interval: LONGEST },
  { from, priority: 1, interval: LONGEST },
  { from, priority: 255, interval: SHORTEST },
])

/** What a node itself sent does not reach it: whatever is in its name goes to the other one. */
function forgedAdverts(): readonly Fault[] {
  return FORGERIES.flatMap((forgery) =>
    (['holder', 'backup'] as const)
      .filter((to) => to !== forgery.from)
      .flatMap((to) => (['once', 'often'] as const).map((rate) => forgedAdvert(forgery, to, rate))),
  )
}

/** A farewell, a better master, and one that says that it will be long until its next advert. */
const isTelling = (priority: Priority, interval: Micros | undefined): boolean =>
  priority === 0 || (priority === 255 && interval !== SHORTEST)

function forgedAdvert({ from, priority, interval }: Forgery, to: Role, rate: 'once' | 'often'): Fault {
  const every = interval === undefined ? '' : interval === LONGEST ? ',longest' : ',shortest'
  const what = `${from},${priority}${every}`
  return {
    name: `forged advert ${what} to ${to} ${rate}`,
    kind: { of: 'forged', path: 'advert', what },
    isVariant: !(rate === 'often' ? isTelling(priority, interval) : priority === 255 && interval === LONGEST),
    begin: (scene) => {
      const { world } = scene
      const send = (): void => {
        for (const { name } of world.config.instances) {
          const own = world.advertOf(from === 'nobody' ? scene.holder : scene[from], priority, name)
          const advert = { ...own.advert, interval: interval ?? own.advert.interval }
          world.send(scene[to], { ...own, from: from === 'nobody' ? NOBODY : own.from, advert })
        }
      }
      if (rate === 'once') send()
      else scene.repeat(OFTEN, send)
    },
  }
}

function forgedElse(shape: Shape): readonly Fault[] {
  const roles: readonly Role[] = ['holder', 'backup']
  return roles.flatMap((to) => [
    forged('stream', 'hint', to, OFTEN, (scene) => {
      const node = to === 'holder' ? scene.backup : scene.holder
      boxOf(scene, to).tell({ kind: 'peer-broken', node })
    }),
    forged('channel', 'replay', to, OFTEN, (scene) => scene.world.replay(scene[to], scene.random.next())),
    ...(shape.hearsArp ? forgedArp(to) : []),
  ])
}

const forgedArp = (to: Role): readonly Fault[] => [
  forged('arp', 'virtual', to, fromSeconds(1), ({ world, ...scene }) => world.forgeClaim(scene[to])),
  forged('arp', 'station', to, OFTEN, ({ world, ...scene }) =>
    world.forgeStation(scene[to], to === 'holder' ? scene.backup : scene.holder),
  ),
  forged('arp', 'question', to, micros(20_000), (scene) =>
    boxOf(scene, to).tell({ kind: 'lan-probe', instance: 'www' }),
  ),
]

const forged = (
  path: 'channel' | 'stream' | 'arp',
  what: string,
  to: Role,
  every: Micros,
  send: (scene: Scene) => void,
): Fault => ({
  name: `forged ${path} ${what} to ${to}`,
  kind: { of: 'forged', path, what },
  begin: (scene) => scene.repeat(every, () => send(scene)),
})
