import type { Micros } from '../../../src/shared/units.ts'
import { plus } from '../../../src/shared/units.ts'
import type { Box } from '../peers/box.ts'
import { ownAddress } from '../peers/disturb.ts'
import type { Link } from '../peers/lan.ts'
import type { World } from '../peers/world.ts'
import type { Random } from '../random.ts'
import type { Shape } from './shapes.ts'

/** What faults are done to: a settled group of nodes, by the parts that they play when the first fault begins. */
export type Scene = {
  readonly world: World
  readonly shape: Shape
  readonly random: Random
  readonly holder: string
  /** The best other node; of three, which one of the two others is drawn. */
  readonly backup: string
  /** Does it now and again each `every`, until the faults are healed. */
  readonly repeat: (every: Micros, run: () => void) => void
  readonly healed: () => boolean
}

export type Role = 'holder' | 'backup'

export const boxOf = ({ world, ...scene }: Scene, role: Role): Box => world.box(scene[role])

/** The port takes nothing in, or lets nothing out either, and the carrier stays: to clients the box is not there. */
export function deafen({ world }: Scene, name: string, ways: 'in' | 'both' = 'both'): void {
  const links: readonly Link[] = ['advert', 'arp', 'lan']
  world.box(name).world.deaf = ways
  for (const other of world.names) {
    if (other === name) continue
    if (ways === 'both') world.wires.cut(name, other, ...links)
    world.wires.cut(other, name, ...links)
  }
}

/** Everything is as it was before, at once. */
export function heal({ world }: Scene): void {
  world.wires.heal()
  world.noStore.clear()
  for (const box of world.boxes) {
    box.starve(undefined)
    if (box.isFrozen()) box.freeze(false)
    const { linked } = box.world
    Object.assign(box.world, { healthy: true, deaf: undefined, addressed: true, kernel: undefined, powered: true })
    if (!linked) box.plug(true)
    if (!box.isAlive()) box.start()
    box.tell({ kind: 'witness', name: 'router', lost: undefined })
    box.tell(ownAddress(box))
    box.tell({ kind: 'back', instances: [] })
    for (const { name } of world.config.instances) box.tell({ kind: 'able', instance: name })
  }
}

/** Clients find the box when it answers them. */
export const isReached = ({ world: { powered, linked, deaf } }: Box): boolean => powered && linked && deaf === undefined

/** Could serve, were it asked to: it runs, and nothing is wrong with it. */
export function couldServe(world: World, box: Box): boolean {
  const runs = box.isAlive() && !box.isFrozen() && !box.isStarved()
  // Where all servers are down, the address is held all the same.
  const isHealthy = box.world.healthy || world.boxes.every((each) => !each.world.healthy)
  return runs && isReached(box) && isHealthy && box.world.addressed
}

/** A sequence of turns on the world's clock; each of them plans the next one. */
export function repeating(world: World, isOver: () => boolean): Scene['repeat'] {
  return (every, run) => {
    const turn = (): void => {
      if (isOver()) return
      run()
      world.clock.at(plus(world.clock.now(), every), turn)
    }
    turn()
  }
}
