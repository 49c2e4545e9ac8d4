import { withRows } from '../../../src/engine/peer/told.ts'
import type { Order, PeerFacts, PeerInstance, PeerReport } from '../../../src/engine/peer/types.ts'
import { fromMillis, fromSeconds, type Micros, ZERO } from '../../../src/shared/units.ts'

export const instance = (changes: Partial<PeerInstance> = {}): PeerInstance => ({
  name: 'www',
  state: 'MASTER',
  reason: 'priority 200 is the highest',
  age: fromSeconds(90),
  holding: true,
  readiness: 'serves',
  open: ZERO,
  advert: undefined,
  follows: undefined,
  listens: false,
  refuses: undefined,
  priority: 200,
  wait: fromSeconds(3.219),
  lan: 'reached',
  claim: undefined,
  grant: undefined,
  move: undefined,
  ...changes,
})

type Times = Record<'provenAt' | 'heardAt' | 'metAt', Micros>

/** Of one life: the next thing that is said. */
export const orderOf = (counter: number, life = 'life'): Order => ({ life, counter })

/** What is known of a node that has said no more than this. */
export function factsOf(node: string, said: PeerReport, { provenAt, heardAt, metAt }: Times): PeerFacts {
  const { instances, services, ...head } = said
  const heard = { head, provenAt, heardAt, order: orderOf(1) }
  return {
    node,
    ...heard,
    metAt,
    brokenAt: undefined,
    unprovenAt: undefined,
    paths: [{ name: 'lan', heardAt }],
    instances: withRows<PeerInstance>(new Map(), instances, heard, head.roster.instances, () => metAt),
    services: withRows(new Map(), services, heard, head.roster.services, () => metAt),
  }
}

/** All that a node has said last, as one report. */
export function reportOf({ head, instances, services }: PeerFacts): PeerReport {
  if (head === undefined) throw new Error('it has not been heard')
  return {
    ...head,
    instances: [...instances.values()].map(({ says }) => says),
    services: [...services.values()].map(({ says }) => says),
  }
}

export const report = (changes: Partial<PeerReport> = {}): PeerReport => ({
  haup: '0.1.0',
  leaving: false,
  standby: false,
  digests: { cluster: '0123abcd', instances: 'ffffffff' },
  lateness: fromMillis(2),
  every: fromSeconds(1),
  roster: { digest: '0badcafe', instances: 1, services: 1 },
  instances: [instance()],
  services: [{ name: 'nginx', good: true, detail: 'HTTP 200 in 3 ms' }],
  ...changes,
})
