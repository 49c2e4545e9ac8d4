import type { Cell } from './enumerate.ts'
import type { Fault } from './faults.ts'
import type { Problem } from './judge.ts'

/**
 * What does not hold yet, by cause. A cell that fails must be one of these; a cause whose example holds must be taken out of
 * the list (test/sim/cells.test.ts sees to both).
 */
export type KnownGap = {
  readonly what: string
  /** One of the cell's faults is of this name. */
  readonly faults: RegExp
  /** And another one of this name. */
  readonly beside?: RegExp
  readonly problems: readonly Problem['kind'][]
  /** A cell that fails for this cause. */
  readonly example: string
}

export const KNOWN_GAPS: readonly KnownGap[] = [
  {
    what: 'forged adverts in the name of a node that is dead or hangs: the other one waits for it',
    faults: /^forged advert (holder,[^ ]* to backup|backup,[^ ]* to holder)/,
    problems: ['none', 'dark', 'flaps'],
    example: '2/one-line/stay/no-arp: killed holder + forged advert holder,255 to backup often',
  },
  {
    what: 'an engine that gets hardly any processor time acknowledges late, and closes the other one now and then',
    faults: /^starved/,
    problems: ['none', 'dark', 'flaps', 'noise', 'storm', 'restless'],
    example: '2/one-line/stay/arp: starved backup',
  },
  {
    what: 'adverts are all that arrives of a node where ARP is not heard: those of a second holder are not believed, and two hold',
    faults: /^lost channel holder=backup/,
    problems: ['two', 'flaps'],
    example: '2/two-lines/preempt/no-arp: lost line holder>backup + lost channel holder=backup',
  },
  {
    what: 'the same where the channel was lost before; where ARP is heard two hold for an interval, until the last report is old',
    faults: /^(lost line holder>backup|half-deaf backup)/,
    beside: /^lost (lan|channel) (backup>holder|holder=backup)/,
    problems: ['two', 'flaps'],
    example: '2/one-line/preempt/no-arp: lost lan holder=backup + lost line holder>backup',
  },
]

/** The first cause that all problems of the cell belong to; undefined also when there are none. */
export function gapOf({ faults }: Cell, problems: readonly Problem[]): KnownGap | undefined {
  if (problems.length === 0) return undefined
  const has = (pattern: RegExp): boolean => faults.some(({ name }) => pattern.test(name))
  return KNOWN_GAPS.find(
    (gap) =>
      has(gap.faults) &&
      (gap.beside === undefined || has(gap.beside)) &&
      problems.every(({ kind }) => gap.problems.includes(kind)),
  )
}

/** A fault that some cells are known not to hold with, whatever is beside it. */
export const mayBeKnown = ({ name }: Fault): boolean =>
  KNOWN_GAPS.some(({ faults, beside }) => beside === undefined && faults.test(name))
