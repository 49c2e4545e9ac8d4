import { ARBITER, both, ELECTION, FENCING, isolate, leave, MAJORITY, type Row } from './decision-rows-support.ts'

/** What a claim needs besides while a node is absent: an arbiter, a majority, fencing. */
export const ABSENT_ROWS: readonly Row[] = [
  {
    row: 'P1 an arbiter, all paths lost',
    options: ARBITER,
    happens: (w) => isolate(w, 'web1'),
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'P2 the same, the holder does not reach it',
    options: ARBITER,
    happens: (w) => {
      w.noStore.add('web1')
      isolate(w, 'web1')
    },
    holds: ['web2'],
    gap: 8_000,
  },
  {
    row: 'P3 nobody reaches it',
    options: ARBITER,
    happens: (w) => {
      for (const name of w.names) w.noStore.add(name)
      isolate(w, 'web1')
    },
    holds: [],
    gap: Number.POSITIVE_INFINITY,
  },
  {
    row: 'P4 a majority, the holder is cut off',
    options: MAJORITY,
    happens: (w) => isolate(w, 'web1'),
    holds: ['web2'],
    gap: 1_500,
  },
  {
    row: 'P5 a majority, another node is cut off',
    options: MAJORITY,
    happens: (w) => isolate(w, 'web3'),
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'P6 no majority anywhere',
    options: MAJORITY,
    happens: (w) => {
      for (const name of w.names) isolate(w, name)
    },
    holds: [],
    gap: Number.POSITIVE_INFINITY,
  },
  {
    row: 'P7 a node between two that do not hear each other gives no leave against a holder that it hears',
    options: MAJORITY,
    happens: (w) => both(w, '*'),
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'P8 an arbiter that nobody reaches, and the other one leaves in order',
    options: ARBITER,
    happens: async (w) => {
      for (const name of w.names) w.noStore.add(name)
      await leave(w, 'web2')
    },
    holds: [],
    gap: Number.POSITIVE_INFINITY,
  },
  {
    row: 'P9 a majority, and two of three leave in order',
    options: MAJORITY,
    happens: async (w) => {
      await leave(w, 'web3')
      await leave(w, 'web2')
    },
    holds: [],
    gap: Number.POSITIVE_INFINITY,
  },
  {
    row: 'F1 fencing is confirmed',
    options: { ...FENCING, fences: () => true },
    happens: (w) => w.kill('web1', true),
    holds: ['web2'],
    gap: ELECTION + 600,
  },
  {
    row: 'F2 fencing is refused',
    options: { ...FENCING, fences: () => false },
    happens: (w) => w.kill('web1', true),
    holds: [],
    gap: Number.POSITIVE_INFINITY,
  },
  {
    row: 'F3 the same, and the node is back before it is tried again',
    options: { ...FENCING, nodes: 3, fences: () => false },
    happens: (w) => {
      w.kill('web1', true)
      w.run(4)
      w.box('web1').start()
    },
    holds: ['web1'],
    gap: 9_000,
  },
]
