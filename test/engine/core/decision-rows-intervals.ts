import { fromSeconds } from '../../../src/shared/units.ts'
import { ELECTION, isolate, MAJORITY, type Row } from './decision-rows-support.ts'

const shorter = { advertInterval: fromSeconds(0.1) }

/** Intervals and priorities that differ between the nodes, because one alone was reloaded. */
export const INTERVAL_ROWS: readonly Row[] = [
  ...[
    { row: 'I1 the holder alone is told of a shorter interval, or of a longer one', node: 'web1' },
    { row: 'I2 the other node alone is told of it', node: 'web2' },
  ].map(
    ({ row, node }): Row => ({
      row,
      happens: async (w) => {
        for (const seconds of [0.1, 2, 0.3, 1]) {
          w.reload(node, { advertInterval: fromSeconds(seconds) })
          await w.run(5)
        }
      },
      holds: ['web1'],
      gap: 0,
    }),
  ),
  {
    row: 'I3 the same, and then the holder is heard no more, and hangs',
    happens: async (w) => {
      w.reload('web2', shorter)
      await w.run(3)
      w.wires.cut('web1', 'web2', 'advert')
      await w.run(3)
      w.wires.cut('web1', 'web2', '*')
      await w.run(0.05)
      w.box('web1').freeze(true)
    },
    holds: ['web2'],
    gap: ELECTION,
  },
  {
    row: 'I4 the holder hangs, and then the other node is told of a priority with a shorter skew',
    options: { instances: [{ priority: { web1: 250, web2: 10 } }] },
    happens: async (w) => {
      w.box('web1').freeze(true)
      await w.run(0.05)
      w.reload('web2', { priority: { web1: 250, web2: 240 } })
    },
    holds: ['web2'],
    gap: ELECTION,
  },
  ...['web1', 'web2'].map(
    (first): Row => ({
      row: `I5 ${first} first, the holder is cut off then, and the others are told of it, too; a majority`,
      options: MAJORITY,
      happens: async (w) => {
        w.reload(first, shorter)
        await w.run(5)
        isolate(w, 'web1')
        await w.run(0.001)
        for (const name of ['web2', 'web3']) w.reload(name, shorter)
      },
      holds: ['web2'],
      gap: ELECTION,
    }),
  ),
]
