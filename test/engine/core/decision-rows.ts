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
  readonly happens: (world: World) => void
  readonly holds: readonly string[]
  /** Milliseconds in which nobody may answer. */
  readonly gap: number
}

const both = (world: World, ...links: readonly (Link | '*')[]): void => {
  world.wires.cut('web1', 'web2', ...links)
  world.wires.cut('web2', 'web1', ...links)
}
const reach = (world: World, web1: 'reached' | 'dark' | 'unknown', web2: 'reached' | 'dark' | 'unknown'): void => {
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
const leave = (world: World, name: string): void => {
  world.send(name, { kind: 'stop', reason: 'the engine stops' })
  world.run(0.5)
  world.kill(name, true)
}
const store = { kind: 'arbiter' as const, name: 'store', ttl: fromSeconds(5), timeout: fromSeconds(1) }
const ARBITER = {
  config: { witnesses: [{ ...store, store: { kind: 'http', url: 'http://store/' } } as never] },
} satisfies WorldOptions
const MAJORITY = { nodes: 3, config: { quorum: 'majority' as const } } satisfies WorldOptions
const FENCING = { config: { fencing: { argv: ['/bin/fence'] } as never } } satisfies WorldOptions
const ARP = { hearsArp: true } satisfies WorldOptions
const ELECTION = 4_500

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
    row: 'I1 the holder alone is told of a shorter interval, or of a longer one',
    happens: (w) => {
      for (const seconds of [0.1, 2, 0.3, 1]) {
        w.reload('web1', { advertInterval: fromSeconds(seconds) })
        w.run(5)
      }
    },
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'I2 the other node alone is told of it',
    happens: (w) => {
      for (const seconds of [0.1, 2, 0.3, 1]) {
        w.reload('web2', { advertInterval: fromSeconds(seconds) })
        w.run(5)
      }
    },
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'I3 the same, and then the holder is heard no more, and hangs',
    happens: (w) => {
      w.reload('web2', { advertInterval: fromSeconds(0.1) })
      w.run(3)
      w.wires.cut('web1', 'web2', 'advert')
      w.run(3)
      w.wires.cut('web1', 'web2', '*')
      w.run(0.05)
      w.box('web1').freeze(true)
    },
    holds: ['web2'],
    gap: ELECTION,
  },
  {
    row: 'I4 the holder hangs, and then the other node is told of it',
    happens: (w) => {
      w.box('web1').freeze(true)
      w.run(0.05)
      w.reload('web2', { advertInterval: fromSeconds(0.1) })
    },
    holds: ['web2'],
    gap: ELECTION,
  },
  ...[true, false].map(
    (holderFirst): Row => ({
      row: `I5 the ${holderFirst ? 'holder' : 'others'} first, and the holder is cut off then; a majority`,
      options: MAJORITY,
      happens: (w) => {
        const shorter = { advertInterval: fromSeconds(0.1) }
        if (holderFirst) w.reload('web1', shorter)
        else w.reload('web2', shorter)
        w.run(5)
        isolate(w, 'web1')
        w.run(0.001)
        for (const name of ['web2', 'web3']) w.reload(name, shorter)
      },
      holds: ['web2'],
      gap: ELECTION,
    }),
  ),
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
    happens: (w) => {
      for (const name of ['web2', 'web1']) {
        w.box(name).world.healthy = false
        w.run(5)
      }
    },
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'C1 the engine of the holder dies, ARP shows it',
    options: ARP,
    happens: (w) => w.kill('web1'),
    holds: ['web2'],
    gap: 30,
  },
  {
    row: 'C2 the same, three nodes: one of them replaces it',
    options: { ...ARP, nodes: 3 },
    happens: (w) => w.kill('web1'),
    holds: ['web2'],
    gap: 30,
  },
  { row: 'C3 ARP is not heard', happens: (w) => w.kill('web1'), holds: ['web2'], gap: ELECTION },
  {
    row: 'C4 the box loses its power',
    options: ARP,
    happens: (w) => w.kill('web1', true),
    holds: ['web2'],
    gap: ELECTION,
  },
  {
    row: 'C5 a hint, and the holder lives',
    options: ARP,
    happens: (w) => {
      both(w, 'advert')
      w.send('web2', { kind: 'peer-broken', node: 'web1' })
    },
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'C7 the holder lets go by an advert alone',
    options: ARP,
    happens: (w) => {
      both(w, 'lan', 'path1')
      w.send('web1', { kind: 'addresses', seen: [] })
    },
    holds: ['web2'],
    gap: 60,
  },
  {
    row: 'C8 such an advert, and the holder lives',
    options: ARP,
    happens: (w) => {
      const [router] = w
        .box('web1')
        .plan()
        .instances.map((each) => each.router)
      const advert = { ...router, priority: 0, interval: router?.advertInterval }
      w.send('web2', { kind: 'advert', instance: 'www', from: router?.source, advert })
    },
    holds: ['web1'],
    gap: 0,
  },
  {
    row: 'C9 the same, and ARP is not heard',
    happens: (w) => {
      const [router] = w
        .box('web1')
        .plan()
        .instances.map((each) => each.router)
      const advert = { ...router, priority: 0, interval: router?.advertInterval }
      w.send('web2', { kind: 'advert', instance: 'www', from: router?.source, advert })
    },
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
    happens: (w) => {
      for (const name of ['web2', 'web1']) {
        w.send(name, { kind: 'witness', name: 'router', lost: 'no answer' })
        w.run(0.1)
      }
    },
    holds: ['web1'],
    gap: 0,
  },
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
    happens: (w) => {
      for (const name of w.names) w.noStore.add(name)
      leave(w, 'web2')
    },
    holds: [],
    gap: Number.POSITIVE_INFINITY,
  },
  {
    row: 'P9 a majority, and two of three leave in order',
    options: MAJORITY,
    happens: (w) => {
      leave(w, 'web3')
      leave(w, 'web2')
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
]

const hold = (world: World): void => world.send('web1', { kind: 'hold', instances: [], until: undefined })
