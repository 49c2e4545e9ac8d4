import { fromMillis, fromSeconds } from '../../../src/shared/units.ts'
import type { Fault, NodeState } from './faults.ts'
import { boxOf, deafen, type Role, type Scene } from './scene.ts'
import type { Shape } from './shapes.ts'

/** What may be wrong with a node itself. */
export function nodeFaults({ witness }: Shape): readonly Fault[] {
  const states = Object.entries(STATES) as [NodeState, (scene: Scene, role: Role) => void][]
  const wanted = states.filter(([state]) => state !== 'store' || witness === 'arbiter')
  return (['holder', 'backup'] as const).flatMap((role) =>
    wanted.map(
      ([state, begin]): Fault => ({
        name: `${state} ${role}`,
        kind: { of: 'node', state, role },
        begin: (scene) => begin(scene, role),
      }),
    ),
  )
}

/** As long as systemd takes to start an engine again. */
const RESTART = fromMillis(300)
/** A pause that no other node may take for a death: shorter than any wait. */
const PAUSE = fromMillis(1_900)

const STATES: Readonly<Record<NodeState, (scene: Scene, role: Role) => void>> = {
  service: (scene, role) => {
    boxOf(scene, role).world.healthy = false
  },
  standby: (scene, role) => boxOf(scene, role).tell({ kind: 'hold', instances: [], until: undefined, standby: true }),
  failover: (scene, role) => boxOf(scene, role).tell({ kind: 'hold', instances: [], until: undefined }),
  hang: (scene, role) => boxOf(scene, role).freeze(true),
  stall: (scene, role) => {
    const box = boxOf(scene, role)
    scene.repeat(fromSeconds(7), () => {
      box.freeze(true)
      scene.world.clock.after(PAUSE, () => box.freeze(false))
    })
  },
  killed: ({ world, ...scene }, role) => world.kill(scene[role]),
  restarted: (scene, role) => {
    const box = boxOf(scene, role)
    scene.world.kill(scene[role])
    scene.world.clock.after(RESTART, () => {
      if (!box.isAlive()) box.start()
    })
  },
  /** Hopelessly late, and more so all the time. */
  starved: (scene, role) => boxOf(scene, role).starve(3),
  /** Keeps up, once a second. */
  slow: (scene, role) => boxOf(scene, role).starve(40),
  dead: ({ world, ...scene }, role) => world.kill(scene[role], true),
  unplugged: (scene, role) => {
    deafen(scene, scene[role])
    boxOf(scene, role).plug(false)
  },
  deaf: (scene, role) => deafen(scene, scene[role]),
  /** What it sends arrives. */
  'half-deaf': (scene, role) => deafen(scene, scene[role], 'in'),
  kernel: (scene, role) => {
    boxOf(scene, role).world.kernel = fromMillis(400)
  },
  address: (scene, role) => {
    const { world } = scene
    // Adverts go out all the same; reports cannot, over that interface.
    for (const other of world.names) if (other !== scene[role]) world.wires.cut(scene[role], other, 'lan')
    boxOf(scene, role).world.addressed = false
    boxOf(scene, role).tell({ kind: 'addresses', seen: [] })
  },
  witness: (scene, role) => boxOf(scene, role).tell({ kind: 'witness', name: 'router', lost: 'no answer' }),
  store: ({ world, ...scene }, role) => world.noStore.add(scene[role]),
}
