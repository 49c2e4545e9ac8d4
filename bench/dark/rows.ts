import type { ContenderOptions } from '../holders/contender.ts'
import * as faults from './faults.ts'
import type { Goal } from './goals.ts'

/** Faults that last, in one direction, at one node, or forged; beside each of them a healthy box could serve. */
export type Row = {
  /** By which `--only` finds it. */
  readonly name: string
  readonly title: string
  /** Adverts come each second, by one line, unless it says otherwise. */
  readonly pair: Partial<ContenderOptions>
  /** keepalived suffers the same in the same run. */
  readonly beside: boolean
  readonly lastsMs: number
  readonly act: faults.Act
  readonly goal: Goal
}

const UNDISTURBED: Goal = { kind: 'undisturbed' }
/** Master_Down_Interval of the backup and one report. */
const T_MS = 4_600
const WITHIN_T: Goal = { kind: 'within', ms: T_MS }
/** Who is not heard learns it by a report, and yields. */
const ONE_WAY: Goal = { kind: 'within', ms: T_MS, twoMs: 1_000 }
/** What does not reach web2 does not reach it from clients either: only those of one side can be served. */
const ONE_SIDE: Goal = { ...ONE_WAY, sides: 'one' }

const HALF_A_MINUTE = 30_000
const PAUSE_MS = 5_000

type Rest = Partial<Row> & Pick<Row, 'act'>

const row = (name: string, title: string, rest: Rest): Row => ({
  name,
  title,
  pair: {},
  beside: true,
  lastsMs: HALF_A_MINUTE,
  goal: UNDISTURBED,
  ...rest,
})

const toBackup = faults.deafToChannel('web2')
const [nobody, node] = ['192.0.2.99', '192.0.2.12']
const twoLines = { secondLine: true }

const SINGLE: readonly Row[] = [
  row('channel-to-backup', 'reports to the backup lost', { act: toBackup }),
  row('channel-to-backup-hang', 'the same, and 5 s later the holder hangs', {
    act: faults.inTurn(PAUSE_MS, toBackup, faults.hang),
    goal: WITHIN_T,
  }),
  row('channel-to-backup-restart', 'the same, and 5 s later the holder starts again', {
    act: faults.inTurn(PAUSE_MS, toBackup, faults.restart),
    goal: WITHIN_T,
  }),
  row('channel-to-holder', 'reports to the holder lost', { act: faults.deafToChannel('web1') }),
  row('one-way', 'all from holder to backup lost', {
    act: faults.lossy({ toBackup: 100, toHolder: 0 }),
    goal: ONE_WAY,
  }),
  row('one-way-back', 'all from backup to holder lost', {
    act: faults.lossy({ toBackup: 0, toHolder: 100 }),
    goal: ONE_WAY,
  }),
  row('one-way-trunk', 'to the backup and its client all lost', {
    act: faults.lossyTrunk({ toBackup: 100, toHolder: 0 }),
    goal: ONE_SIDE,
  }),
  row('one-way-trunk-back', 'from the backup and its client all lost', {
    act: faults.lossyTrunk({ toBackup: 0, toHolder: 100 }),
    goal: ONE_SIDE,
  }),
  row('advert-of-41-s', 'holder dead, then one forged advert, interval 41 s', {
    act: faults.inTurn(PAUSE_MS, faults.kill('web1'), faults.oneLongAdvert),
    goal: WITHIN_T,
  }),
  row('forged-1', 'forged adverts of nobody, 1/s', { lastsMs: 20_000, act: faults.forged(1, nobody) }),
  row('forged-1-node', 'forged adverts of web2, 1/s', { lastsMs: 20_000, act: faults.forged(1, node) }),
  row('forged-5000', 'forged adverts of nobody, 5000/s', { lastsMs: 10_000, act: faults.forged(5_000, nobody) }),
  row('forged-5000-node', 'forged adverts of web2, 5000/s', { lastsMs: 10_000, act: faults.forged(5_000, node) }),
  row('stalls', 'the holder stalls for 1.9 s, over and over', { lastsMs: 150_000, act: faults.stalls(1_900) }),
  row('stalls-2.4-s', 'the holder stalls for 2.4 s, over and over', { act: faults.stalls(2_400) }),
  row('three', 'three nodes, two engines killed in turn', {
    beside: false,
    pair: { boxes: ['web1', 'web2', 'web3'] },
    lastsMs: 10_000,
    act: faults.inTurn(PAUSE_MS, faults.kill('web1'), faults.kill('web2')),
    goal: { kind: 'within', ms: 500 },
  }),
  row('dark-lan', 'own LAN dark, second line, adverts 250 ms', {
    pair: { intervalMs: 250, ...twoLines },
    lastsMs: 15_000,
    act: faults.deafLan('web1', 'in', 'out'),
    goal: { kind: 'within', ms: 500 },
  }),
  ...(['in', 'out'] as const).flatMap((way) => {
    const title = way === 'in' ? 'nothing comes to the holder' : 'nothing comes from the holder'
    return [
      row(`lan-${way}`, title, { act: faults.deafLan('web1', way), goal: ONE_WAY }),
      row(`lan-${way}-two-lines`, `${title}, second line`, {
        pair: twoLines,
        act: faults.deafLan('web1', way),
        goal: WITHIN_T,
      }),
    ]
  }),
  row('lan-in-backup', 'nothing comes to the backup', { act: faults.deafLan('web2', 'in'), goal: WITHIN_T }),
  row('deaf-port', 'port deaf after a flap, second line', {
    pair: twoLines,
    lastsMs: 60_000,
    act: faults.deafPort,
    goal: { kind: 'within', ms: 100 },
  }),
  row('starved', 'the holder has 1 ms of processor a second', {
    lastsMs: 75_000,
    act: faults.starving,
    goal: WITHIN_T,
  }),
  row('starved-two-lines', 'the same, second line', {
    pair: twoLines,
    lastsMs: 75_000,
    act: faults.starving,
    goal: WITHIN_T,
  }),
  row('mtu', 'the MTU of the holder becomes 9000, 10 instances', {
    beside: false,
    pair: { moreInstances: 9 },
    act: faults.largeFrames,
  }),
]

const LINE_MS = 120_000

/** With one line, and with a second one that loses nothing. */
const lines = (name: string, title: string, act: faults.Act, more: Partial<Row> = {}): readonly Row[] => [
  row(name, title, { act, lastsMs: LINE_MS, goal: { kind: 'as-keepalived' }, ...more }),
  row(`${name}-two-lines`, `${title}, second line`, {
    act,
    lastsMs: LINE_MS,
    beside: false,
    ...more,
    pair: { ...more.pair, ...twoLines },
  }),
]

export const ROWS: readonly Row[] = [
  ...SINGLE,
  ...lines('loss-50', '50 % lost to the backup', faults.lossy({ toBackup: 50, toHolder: 0 })),
  ...lines('loss-50-back', '50 % lost to the holder', faults.lossy({ toBackup: 0, toHolder: 50 })),
  ...lines('loss-40', '40 % lost both ways', faults.lossy({ toBackup: 40, toHolder: 40 })),
  ...lines('bursts', 'all lost in bursts of 0.2 to 3 s', faults.bursts),
  ...lines('delay', '1 s +- 0.5 s late', faults.slow(1_000, 500, 0)),
  ...lines('delay-100', 'adverts 100 ms: 50 +- 20 ms late, 1 % lost', faults.slow(50, 20, 1), {
    pair: { intervalMs: 100 },
    lastsMs: 60_000,
  }),
]
