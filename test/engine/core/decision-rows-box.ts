import { QUICK_REPAIRS } from '../../../src/engine/core/guardian.ts'
import type { World } from '../../sim/peers/world.ts'
import type { Row } from './decision-rows-support.ts'

/** Rows of boxes that cannot serve, or not well, by their own addresses and interfaces. */

/** The box's own address is on a bridge now, and the instance's interface has none. */
const misplace = (world: World, name: string): void => {
  const [source] = world
    .box(name)
    .plan()
    .instances.map(({ router }) => router.source)
  if (source === undefined) throw new Error(`${name} has no instance`)
  const own = { interface: 'br0', address: { address: source, length: 24 }, ours: false }
  world.send(name, { kind: 'addresses', seen: [own] })
}

/** More often than a holder puts up with. */
const takeAway = async (world: World, name: string, times: number): Promise<void> => {
  for (let round = 0; round < times; round += 1) {
    world.send(name, { kind: 'address-lost', instance: 'www', missing: [] })
    world.send(name, { kind: 'repaired', instance: 'www' })
    await world.run(0.05)
  }
}

export const BOX_ROWS: readonly Row[] = [
  {
    row: 'B9 the own address of the holder is on another interface',
    happens: (w) => misplace(w, 'web1'),
    holds: ['web2'],
    gap: 50,
  },
  {
    row: 'B10 so it is on all nodes',
    happens: async (w) => {
      for (const name of ['web2', 'web1']) {
        misplace(w, name)
        await w.run(1)
      }
    },
    holds: ['web1'],
    // They are bound anew, behind the address on the other interface.
    gap: 10,
  },
  {
    row: 'B11 the addresses of the holder are taken away all the time',
    // So that the other one keeps them when this one is ready for another try.
    options: { instances: [{ preempt: false }] },
    happens: (w) => takeAway(w, 'web1', QUICK_REPAIRS + 1),
    holds: ['web2'],
    gap: 50,
  },
  {
    row: 'B12 they are, and the other one cannot serve',
    happens: async (w) => {
      w.box('web2').world.healthy = false
      await w.run(5)
      await takeAway(w, 'web1', 100)
    },
    holds: ['web1'],
    gap: 0,
  },
]
