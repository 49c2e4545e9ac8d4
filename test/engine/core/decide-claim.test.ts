import { describe } from 'node:test'
import type { PeerRuntime } from '../../../src/engine/core/peer-types.ts'
import { fromSeconds, micros } from '../../../src/shared/units.ts'
import { asking, died, row, voted } from './verdict-rows.ts'
import { ACTIVE, backup, ms, NOW, SILENT, type Sight } from './views.ts'

/** What a claim needs, and when it is made, rule by rule. */

describe('a claim, the timer being due', () => {
  const votes = { web1: { says: voted(7) }, web3: { says: voted(7) } }
  row('of two nodes the other one has', { nodes: 2, peer: asking(), web1: { says: voted(7) } }, 'claim due by votes')
  row('nobody has voted', { peer: asking() }, 'candidate due: votes web1,web3')
  row('one has voted', { peer: asking(), web1: { says: voted(7) } }, 'candidate due: votes web3')
  row('all have', { peer: asking(), ...votes }, 'claim due by votes')
  row('for another claim', { peer: asking(), ...votes, web3: { says: voted(6) } }, 'candidate due: votes web3')
  row('for a claim of another cause', { peer: asking('released'), ...votes }, 'candidate due: votes web1,web3')
  row(
    'for a claim that does not ask any more',
    { peer: { ...asking(), claim: { id: 7, since: NOW, cause: { kind: 'due' }, asks: false } }, ...votes },
    'candidate due: votes web1,web3',
  )
  row(
    'one is silent, the other one has voted',
    { peer: asking(), ...votes, web1: { facts: SILENT } },
    'claim due by timer',
  )
  row('all are silent', { peer: asking(), web1: { facts: SILENT }, web3: { facts: SILENT } }, 'claim due by timer')
  row(
    'one has left, the other one has voted',
    { peer: asking(), ...votes, web1: { leaving: true } },
    'candidate released: votes web3',
  )
  const foreign = { plan: { peers: [] } }
  row('beside routers that are no haup nodes alone', { peer: asking(), ...foreign }, 'claim due by timer')
})

/** A sixth of the wait, and a way to and fro. */
const PATIENCE = 520_417

describe('a claim beside a silent node: all others must have heard that this one may', () => {
  const silent = (peer: Partial<PeerRuntime>): Sight => ({ web1: { facts: SILENT }, web3: { says: voted(7) }, peer })
  const { claim } = asking()
  const recent = claim === undefined ? undefined : { ...claim, since: ms(-510) }
  row('able for long', silent({ claim: recent, ableSince: micros(NOW - PATIENCE) }), 'claim due by timer')
  row('able not for long, asked not for long', silent({ claim: recent, ableSince: ms(-510) }), 'candidate due: votes ')
  row(
    'unable, asked long enough',
    silent({ claim: claim && { ...claim, since: micros(NOW - PATIENCE) }, ableSince: undefined }),
    'claim due by timer',
  )
  const slow = (trip: number, able: number): Sight => ({
    ...silent({ claim: recent, ableSince: ms(able) }),
    web3: { says: voted(7), facts: { provenAt: ms(-100 - trip) } },
  })
  row('a slow line', slow(300, -811), 'claim due by timer')
  row('a slow line, not for long', slow(300, -810), 'candidate due: votes ')
  row('a very slow line: no longer than a report', slow(2_000, -1_000), 'claim due by timer')
  row('a very slow line, not for long', slow(2_000, -999), 'candidate due: votes ')
  row('unable, asked not for long', silent({ claim: recent, ableSince: undefined }), 'candidate due: votes ')
  row(
    'nobody is silent: at once',
    { web1: { says: voted(7) }, web3: { says: voted(7) }, peer: { claim: recent, ableSince: NOW } },
    'claim due by votes',
  )
})

describe('a claim, with what is configured', () => {
  const silent: Sight = { web1: { facts: SILENT }, web3: { says: voted(7) }, peer: asking() }
  const majority = { shape: { config: { quorum: 'majority' as const } } }
  row('a majority', { ...silent, ...majority }, 'claim due by timer')
  row(
    'no majority',
    { ...silent, ...majority, web3: { facts: SILENT } },
    'candidate due: quorum 1 of 3 nodes are no majority',
  )
  const fencing = { shape: { config: { fencing: { argv: ['/bin/true'], timeout: fromSeconds(1) } } } }
  const fenced = (state: 'asked' | 'confirmed' | 'refused', at = NOW): Partial<PeerRuntime> => ({
    ...asking(),
    checks: { fencing: new Map([['web1', { state, at }]]), saidWaiting: undefined },
  })
  row('fencing', { ...silent, ...fencing }, 'candidate due: fencing web1')
  row('fencing, and no votes yet: that comes first', { ...silent, ...fencing, web3: {} }, 'candidate due: votes web3')
  row(
    'fencing, and not all have heard that this one may',
    { ...silent, ...fencing, peer: { ...asking(), claim: undefined, ableSince: NOW }, web3: { facts: SILENT } },
    'candidate due: votes ',
  )
  row('fencing asked for', { ...silent, ...fencing, peer: fenced('asked') }, 'candidate due: fencing web1')
  row('fencing confirmed', { ...silent, ...fencing, peer: fenced('confirmed') }, 'claim due by timer')
  row(
    'fencing refused: others may do better',
    { ...silent, ...fencing, web3: {}, peer: fenced('refused') },
    'candidate due: fencing web1',
  )
  row(
    'fencing refused long ago',
    { ...silent, ...fencing, web3: {}, peer: fenced('refused', ms(-30_000)) },
    'candidate due: votes web3',
  )
})

describe('a claim before the timer is due', () => {
  const early = (sight: Sight): Sight => ({
    phase: backup({ masterDownAt: ms(900), armedAt: ms(-1_000), ...(sight.phase ?? {}) } as object),
    web1: { leaving: true },
    web3: { says: voted(7) },
    ...without(sight),
    peer: { ...asking('released'), ...sight.peer },
  })
  const without = ({ phase: _, peer: __, ...rest }: Sight): Sight => rest
  row('nobody holds, all have voted', early({}), 'claim released by votes')
  row('not voted', early({ web3: {} }), 'candidate released: votes web3')
  row('a better one is alive', early({ web1: {} }), 'waiting')
  row(
    'a better one that cannot serve',
    early({ web1: { says: { ...voted(7), readiness: 'unable' } } }),
    'claim released by votes',
  )
  row('this one cannot serve', early({ runtime: { links: new Map() } }), 'out')
  const failed = { peer: { ...asking('released'), isolated: 'test' } }
  row(
    'this one is cut off',
    early({ ...failed, web3: { says: { ...voted(7), readiness: 'unable', priority: 0 } } }),
    'waiting',
  )
  row(
    'a worse one moves the addresses',
    early({ web3: { says: { ...voted(7), move: { id: 1, with: 'web1', step: 'offer' } } } }),
    'waiting',
  )
  row('a worse one has voted for another', early({ web3: { says: { grant: { to: 'web1', claim: 7 } } } }), 'waiting')
  const idle = { web1: { says: { ...voted(7), readiness: 'unable' as const } } }
  row(
    'one of two moves the addresses',
    early({ ...idle, web3: { says: { ...voted(7), move: { id: 1, with: 'web1', step: 'offer' } } } }),
    'waiting',
  )
  row('one is absent', early({ web1: { facts: SILENT } }), 'waiting')
  row(
    'one is absent, and dead for sure',
    early({ web1: { facts: SILENT }, peer: { gone: new Map([['web1', NOW]]) } }),
    'claim released by votes',
  )
  row(
    'just woke, and all are heard',
    early({ web1: { says: { ...voted(7), readiness: 'unable' } }, state: { wokeAt: ms(-1_000) } }),
    'claim released by votes',
  )
  row('just woke, and one has left, perhaps before', early({ state: { wokeAt: ms(-1_000) } }), 'waiting')
  const entered = { phase: backup({ masterDownAt: ms(900), armedBy: 'entry', armedAt: ms(-1_000) }) }
  row('just entered, and all have heard this one since', early({ ...entered }), 'claim released by votes')
  row(
    'just entered, and one has not',
    early({ ...entered, web3: { says: voted(7), facts: { provenAt: ms(-1_000) } } }),
    'waiting',
  )
  row(
    'just entered, and one of two has not',
    early({ ...entered, ...idle, web3: { says: voted(7), facts: { provenAt: ms(-1_000) } } }),
    'waiting',
  )
  const last = (heardAt: number) => ({
    web1: { says: { ...voted(7), readiness: 'unable' as const }, facts: { heardAt: ms(heardAt) } },
    router: {
      master: { address: '192.0.2.11' as never, priority: 250, interval: fromSeconds(1), heardAt: ms(-1_000) },
    },
  })
  row('the master has said since its last advert that it holds nothing', early(last(-1_000)), 'claim released by votes')
  row('the master has not', early(last(-1_001)), 'waiting')
  row('beside routers that are no haup nodes', early({ plan: { peers: [] } }), 'waiting')
})

describe('a claim, the engine of the master being dead for sure', () => {
  const dead = (hint: 'broken' | 'resigned', sight: Sight = {}, confirmed = true): Sight => ({
    phase: backup({ masterDownAt: ms(900), armedAt: ms(-1_000) }),
    web1: { says: ACTIVE, facts: { brokenAt: ms(-50) } },
    web3: { says: voted(7) },
    ...sight,
    peer: {
      died: died(hint, confirmed),
      gone: new Map([['web1', NOW]]),
      claim: { id: 7, since: ms(-600), cause: { kind: 'died', node: 'web1' }, asks: true },
      ableSince: ms(-60_000),
      ...sight.peer,
    },
  })
  row('by its connection', dead('broken'), 'claim died by votes')
  row('a hint alone', dead('broken', {}, false), 'follow web1')
  row(
    'by its connection, and this one has just woken',
    dead('broken', { state: { wokeAt: ms(-1_000) } }),
    'claim died by votes',
  )
  row('by its last advert', dead('resigned'), 'candidate released: votes web3')
})
