import { ABSENT_ROWS } from './decision-rows-absent.ts'
import { BOX_ROWS } from './decision-rows-box.ts'
import { INTERVAL_ROWS } from './decision-rows-intervals.ts'
import { both, ELECTION, hold, NO_ARP, type Row, reach, standby } from './decision-rows-support.ts'

/** The table of docs/decisions.md, row by row. */
export const ROWS: readonly Row[] = [
  { row: 'A1 adverts lost', happens: (w) => both(w, 'advert'), holds: ['web1'], gap: 0 },
  { row: 'A2 adverts lost one way', happens: (w) => w.wires.cut('web1', 'web2', 'advert'), holds: ['web1'], gap: 0 },
  { row: 'A3 LAN path lost, adverts pass', happens: (w) => both(w, 'lan'), holds: ['web1'], gap: 0 },
  {
    row: 'A4 LAN lost, both reach it',
    happens: (w) => {
      reach(w, 'reached', 'reached')
      both(w, 'advert', 'lan', 'arp')
    },
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'A5 LAN lost, the holder is dark',
    happens: (w) => {
      reach(w, 'dark', 'reached')
      both(w, 'advert', 'lan', 'arp')
    },
    holds: ['web2'],
    gap: 50,
  },
  {
    row: 'A6 LAN lost, the backup is dark',
    happens: (w) => {
      reach(w, 'reached', 'dark')
      both(w, 'advert', 'lan', 'arp')
    },
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'A7 LAN lost, all are dark',
    happens: (w) => {
      reach(w, 'dark', 'dark')
      both(w, 'advert', 'lan', 'arp')
    },
    holds: ['web1'],
    gap: 2_000,
  },
  {
    row: 'A8 the holder is heard and does not hear',
    happens: (w) => w.wires.cut('web2', 'web1', '*'),
    holds: ['web1'],
    gap: 500,
  },
  {
    row: 'A9 the holder hears and is not heard',
    happens: (w) => w.wires.cut('web1', 'web2', '*'),
    holds: ['web2'],
    gap: 1_500,
  },
  {
    row: 'B1 the link of the holder goes down',
    happens: (w) => w.send('web1', { kind: 'link', link: { interface: 'eth0', up: false, detail: 'eth0 is down' } }),
    holds: ['web2'],
    gap: 50,
  },
  { row: 'B2 the holder is asked to hand over', happens: (w) => hold(w), holds: ['web2'], gap: 10 },
  { row: 'B3 the holder stops', happens: (w) => w.send('web1', { kind: 'leave' }), holds: ['web2'], gap: 10 },
  {
    row: 'B4 the service of the holder fails',
    happens: (w) => {
      w.box('web1').world.healthy = false
    },
    holds: ['web2'],
    gap: 50,
  },
  {
    row: 'B5 all services fail',
    happens: async (w) => {
      for (const name of ['web2', 'web1']) {
        w.box(name).world.healthy = false
        await w.run(5)
      }
    },
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'B6 the holder is asked to hand over, the backup is in standby',
    happens: async (w) => {
      await standby(w, 'web2')
      hold(w)
    },
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'B7 the holder stops, the backup is in standby',
    happens: async (w) => {
      await standby(w, 'web2')
      w.send('web1', { kind: 'leave' })
    },
    holds: ['web2'],
    gap: 10,
  },
  {
    row: 'B8 the holder is asked to hand over, the backup is dead',
    happens: async (w) => {
      w.kill('web2')
      await w.run(5)
      hold(w)
    },
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'C1 the engine of the holder dies, ARP shows it',
    happens: (w) => w.kill('web1'),
    holds: ['web2'],
    gap: 30,
  },
  {
    row: 'C2 the same, three nodes: one of them replaces it',
    options: { nodes: 3 },
    happens: (w) => w.kill('web1'),
    holds: ['web2'],
    gap: 30,
  },
  { row: 'C3 ARP is not heard', options: NO_ARP, happens: (w) => w.kill('web1'), holds: ['web2'], gap: ELECTION },
  {
    row: 'C4 the box loses its power',
    happens: (w) => w.kill('web1', true),
    holds: ['web2'],
    gap: ELECTION,
  },
  {
    row: 'C5 a hint, and the holder lives',
    happens: (w) => {
      both(w, 'advert')
      w.send('web2', { kind: 'peer-broken', node: 'web1' })
    },
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'C7 the holder lets go by an advert alone',
    happens: (w) => {
      both(w, 'lan', 'path1')
      w.send('web1', { kind: 'addresses', seen: [] })
    },
    holds: ['web2'],
    gap: 60,
  },
  {
    row: 'C8 such an advert, and the holder lives',
    happens: (w) => w.send('web2', w.advertOf('web1', 0)),
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'C9 the same, and ARP is not heard',
    options: NO_ARP,
    happens: (w) => w.send('web2', w.advertOf('web1', 0)),
    holds: ['web1'],
    gap: 0,
  },
  { row: 'C6 the holder hangs', happens: (w) => w.box('web1').freeze(true), holds: ['web2'], gap: 1_500 },
  {
    row: 'W1 a witness is lost here alone',
    happens: (w) => w.send('web1', { kind: 'witness', name: 'router', lost: 'no answer' }),
    holds: ['web2'],
    gap: 50,
  },
  {
    row: 'W2 a witness is lost everywhere',
    happens: async (w) => {
      for (const name of ['web2', 'web1']) {
        w.send(name, { kind: 'witness', name: 'router', lost: 'no answer' })
        await w.run(0.1)
      }
    },
    holds: ['web1'],
    gap: 0,
  },
  ...BOX_ROWS,
  ...INTERVAL_ROWS,
  ...ABSENT_ROWS,
]
