import { fromSeconds } from '../../../src/shared/units.ts'
import type { Link } from '../../sim/peers/lan.ts'
import type { World, WorldOptions } from '../../sim/peers/world.ts'

/**
 * The table of docs/decisions.md, row by row: two nodes (three where it says so), web1 holds and is the better one, and a
 * second line unless the row does without. What follows is who answers clients in the end, and never two of them.
 */
export type Row = {
  readonly row: string
  readonly options?: WorldOptions
  readonly happens: (world: World) => void | Promise<void>
  readonly holds: readonly string[]
  /** Milliseconds in which nobody may answer. */
  readonly gap: number
}

export const both = (world: World, ...links: readonly (Link | '*')[]): void => {
  world.wires.cut('web1', 'web2', ...links)
  world.wires.cut('web2', 'web1', ...links)
}
export const reach = (
  world: World,
  web1: 'reached' | 'dark' | 'unknown',
  web2: 'reached' | 'dark' | 'unknown',
): void => {
  world.box('web1').world.reach = web1
  world.box('web2').world.reach = web2
}
export const isolate = (world: World, name: string): void => {
  for (const other of world.names) {
    if (other === name) continue
    world.wires.cut(name, other, '*')
    world.wires.cut(other, name, '*')
  }
}
export const leave = async (world: World, name: string): Promise<void> => {
  world.send(name, { kind: 'stop', reason: 'the engine stops' })
  await world.run(0.5)
  world.kill(name, true)
}
const store = { kind: 'arbiter' as const, name: 'store', ttl: fromSeconds(5), timeout: fromSeconds(1) }
export const ARBITER = {
  config: { witnesses: [{ ...store, store: { kind: 'http', url: 'http://store/' } } as never] },
} satisfies WorldOptions
export const MAJORITY = { nodes: 3, config: { quorum: 'majority' as const } } satisfies WorldOptions
export const FENCING = { config: { fencing: { argv: ['/bin/fence'] } as never } } satisfies WorldOptions
export const NO_ARP = { hearsArp: false } satisfies WorldOptions
export const ELECTION = 4_500

export const hold = (world: World): void => world.send('web1', { kind: 'hold', instances: [], until: undefined })

export const standby = async (world: World, name: string): Promise<void> => {
  world.send(name, { kind: 'hold', instances: [], until: undefined, standby: true })
  await world.run(1)
}
