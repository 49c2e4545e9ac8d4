import { fromMillis, fromSeconds, type Micros } from '../../../src/shared/units.ts'
import type { Cell } from './enumerate.ts'
import type { Fault, NodeState, PathKind } from './faults.ts'

/** What the promise does not cover, and why. A cell that is excused of one half is held to the other one. */
export type Exception = {
  readonly name: string
  readonly reason: string
  readonly excuses: 'two' | 'none'
  /** Two may accept for so long; absent: until the heal. */
  readonly most?: Micros
  readonly applies: (cell: Cell) => boolean
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    name: 'split',
    reason:
      'no path is left between the nodes, and nothing else decides: each side does what VRRP says, until the heal',
    excuses: 'two',
    applies: ({ shape, faults }) => shape.witness === 'none' && isSplit(faults, shape.path, 2),
  },
  {
    name: 'nearly split',
    reason: 'adverts in one direction are all that is left: who hears one of a second holder closes, and not before',
    excuses: 'two',
    most: fromMillis(50),
    applies: ({ shape, faults }) => shape.witness === 'none' && isSplit(faults, shape.path, 1),
  },
  {
    name: 'unheard, and nothing proven',
    reason:
      'the other one does not hear this node, and its engine is a new one, or its reports are lost: who hears its advert and its ARP closes, and not before',
    excuses: 'two',
    most: fromMillis(50),
    applies: ({ shape, faults }) => {
      const cut = cutBy(faults)
      const isChannelLost = isSplit(faults, shape.path, 0) && [...cut].some((each) => each.startsWith('arp '))
      const isRestarted = isLost(faults, shape.path) && hasState(faults, 'restarted')
      return shape.witness === 'none' && (isChannelLost || isRestarted)
    },
  },
  {
    name: 'nearly split and half deaf',
    reason:
      'adverts in one direction are all that is left, and their sender finds out after its claim that nothing comes to it',
    excuses: 'two',
    most: fromSeconds(1),
    applies: ({ shape, faults }) =>
      shape.witness === 'none' && isSplit(faults, shape.path, 1) && hasState(faults, 'half-deaf'),
  },
  {
    name: 'starved and nearly split',
    reason: 'the only one that could tell the holder is starved, and says late that it has claimed',
    excuses: 'two',
    most: fromSeconds(5),
    applies: ({ shape, faults }) =>
      shape.witness === 'none' &&
      isLost(faults, shape.path) &&
      faults.some(({ kind }) => kind.of === 'node' && kind.state === 'starved'),
  },
  {
    name: 'lossy and nearly split',
    reason:
      'nothing gets back to the holder, and of what it says a part is lost: all of it, now and then, for as long as anybody waits',
    excuses: 'two',
    most: fromSeconds(5),
    applies: ({ shape, faults }) =>
      shape.witness === 'none' &&
      isLost(faults, shape.path) &&
      faults.some(({ kind }) => kind.of === 'link' && kind.flaw === 'lossy'),
  },
  {
    name: 'forged farewell on a slow line',
    reason: 'a forged advert of priority 0, and whoever could contradict it is heard half a second later',
    excuses: 'two',
    most: fromSeconds(5),
    applies: ({ faults }) =>
      faults.some(({ kind }) => kind.of === 'forged' && kind.path === 'advert' && kind.what.endsWith(',0')) &&
      faults.some(({ kind }) => kind.of === 'link' && kind.flaw === 'late'),
  },
  {
    name: 'forged ARP',
    reason: 'forged ARP for the virtual address itself beats any host',
    excuses: 'none',
    applies: ({ faults }) =>
      faults.some(({ kind }) => kind.of === 'forged' && kind.path === 'arp' && kind.what === 'virtual'),
  },
  {
    name: 'nobody to ask',
    reason:
      'nothing comes to a node that knows no gateway and no neighbour, and a second line does not tell it either: to it a dead LAN is as a quiet one',
    excuses: 'none',
    applies: ({ shape, faults }) =>
      !shape.gateway && (hasState(faults, 'half-deaf') || (faults.length > 1 && hasState(faults, 'deaf'))),
  },
  {
    name: 'no arbiter',
    reason:
      'the configured arbiter is not reached, and a second fault leaves a node silent: nobody may hold without it',
    excuses: 'none',
    applies: ({ shape, faults }) =>
      shape.witness === 'arbiter' &&
      faults.length > 1 &&
      faults.some(({ kind }) => kind.of === 'node' && kind.state === 'store'),
  },
  {
    name: 'no majority',
    reason: 'a majority is configured, and two of three nodes are hit: the third one alone may not hold',
    excuses: 'none',
    applies: ({ shape, faults }) => shape.witness === 'majority' && faults.length > 1,
  },
]

export const excusesOf = (cell: Cell, half: Exception['excuses']): readonly Exception[] =>
  EXCEPTIONS.filter(({ excuses, applies }) => excuses === half && applies(cell))

const hasState = (faults: readonly Fault[], state: NodeState): boolean =>
  faults.some(({ kind }) => kind.of === 'node' && kind.state === state)

/** Whether the channel is cut in both directions, and adverts are in so many. */
function isSplit(faults: readonly Fault[], path: boolean, ways: 0 | 1 | 2): boolean {
  const cut = cutBy(faults)
  const channel = ['lan', ...(path ? ['path1'] : [])]
  const adverts = ['advert out', 'advert in'].filter((each) => cut.has(each))
  return channel.every((each) => cut.has(`${each} out`) && cut.has(`${each} in`)) && adverts.length >= ways
}

/** Whether nothing gets from one of the two to the other one. */
function isLost(faults: readonly Fault[], path: boolean): boolean {
  const cut = cutBy(faults)
  const links = ['advert', 'lan', ...(path ? ['path1'] : [])]
  return ['out', 'in'].some((way) => links.every((each) => cut.has(`${each} ${way}`)))
}

/** All that the faults cut, taken together: `lan out`. */
function cutBy(faults: readonly Fault[]): ReadonlySet<string> {
  const cut = new Set<string>()
  const add = (links: readonly string[], ways: readonly string[]): void => {
    for (const link of links) for (const way of ways) cut.add(`${link} ${way}`)
  }
  for (const { kind } of faults) {
    if (kind.of === 'node' && (kind.state === 'deaf' || kind.state === 'unplugged')) add(LINE, ['out', 'in'])
    if (kind.of === 'node' && kind.state === 'half-deaf') add(LINE, [kind.role === 'holder' ? 'in' : 'out'])
    if (kind.of === 'node' && kind.state === 'address') add(['lan'], [kind.role === 'holder' ? 'out' : 'in'])
    if (kind.of !== 'link' || (kind.flaw !== 'lost' && kind.flaw !== 'large')) continue
    add(LINKS[kind.path] ?? [kind.path], kind.way === 'both' ? ['out', 'in'] : [kind.way])
  }
  return cut
}

const LINE = ['advert', 'lan']
const LINKS: Readonly<Partial<Record<PathKind, readonly string[]>>> = {
  line: LINE,
  all: [...LINE, 'path1'],
  channel: ['lan', 'path1'],
}
