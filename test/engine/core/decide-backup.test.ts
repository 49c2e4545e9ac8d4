import { describe } from 'node:test'
import type { PeerRuntime } from '../../../src/engine/core/peer-types.ts'
import { fromSeconds } from '../../../src/shared/units.ts'
import { asking, died, move, refused, row } from './verdict-rows.ts'
import { ACTIVE, backup, ms, SILENT, type Sight } from './views.ts'

/** What a backup concludes while it makes no claim, rule by rule. */

describe('bound', () => {
  row('by a move', { peer: { move: move('offered') } }, 'transferring web3')
  row(
    'by both: the move goes on',
    { peer: { move: move('offered'), grant: { to: 'web1', claim: 1, until: ms(500) } } },
    'transferring web3',
  )
  row('by a vote', { peer: { grant: { to: 'web3', claim: 1, until: ms(500) } } }, 'voted web3')
})

describe('another one is active', () => {
  row('adverts come', { phase: backup({ masterDownAt: ms(1) }), web1: { says: ACTIVE } }, 'follow web1')
  row('no adverts come', { web1: { says: ACTIVE } }, 'follow web1, asks: beside')
  row(
    'its last advert was heard, not its word',
    { phase: backup({ masterDownAt: ms(1) }), web1: { says: ACTIVE }, peer: { died: died('resigned', false) } },
    'follow web1, asks: beside',
  )
  row(
    'it does not serve, and what was promised has run out',
    { web1: { says: ACTIVE }, peer: { ...asking(), ...refused('web1'), claim: undefined } },
    'candidate forsaken: votes web3',
  )
  row('it was forsaken, and holds nothing any more', { peer: refused('web1') }, 'candidate due: votes web3')
  row('the other one was forsaken', { web1: { says: ACTIVE }, peer: refused('web3') }, 'follow web1, asks: beside')
  const lower = (heardAt: number) => ({
    router: {
      master: { address: '192.0.2.13' as never, priority: 230, interval: fromSeconds(1), heardAt: ms(heardAt) },
    },
  })
  const heard = {
    votes: new Map([
      ['web1', ms(-100)],
      ['web3', ms(-100)],
    ]),
  }
  row('a lower one', { ...lower(-100), web3: { says: ACTIVE }, peer: heard }, 'follow web3, asks: preempt')
  row(
    'a lower one, and not all hear this one',
    { ...lower(-100), web3: { says: ACTIVE }, peer: { votes: new Map([['web3', ms(-100)]]) } },
    'follow web3',
  )
  row(
    'a lower one, heard two intervals ago',
    { ...lower(-2_000), web3: { says: ACTIVE }, peer: heard },
    'follow web3, asks: preempt',
  )
  row(
    'a lower one, heard long ago',
    { ...lower(-2_001), web3: { says: ACTIVE }, peer: heard },
    'follow web3, asks: beside',
  )
})

describe('nobody is active, and the timer runs', () => {
  const running = (sight: Sight = {}): Sight => ({
    phase: backup({ masterDownAt: ms(1) }),
    web1: { facts: SILENT },
    ...sight,
  })
  row('not due', running(), 'waiting')
  row('a node that holds was not heard lately', running({ web1: { says: ACTIVE, facts: SILENT } }), 'waiting')
  const followed = (changes = {}): Partial<PeerRuntime> => ({
    followed: { node: 'web1', id: 1, at: ms(-1_000), ...changes },
  })
  row(
    'due, and an advert was followed that may have been acknowledged',
    { web1: { facts: SILENT }, peer: followed() },
    'waiting 2063',
  )
  row('long ago', { web1: { facts: SILENT }, peer: followed({ at: ms(-4_000) }) }, 'candidate due: votes web3')
  row(
    'its sender has said since that it holds nothing',
    { web1: {}, web3: { facts: SILENT }, peer: followed() },
    'candidate due: votes web1',
  )
  row(
    'its sender said so before',
    { web1: { facts: { heardAt: ms(-1_001) } }, web3: { facts: SILENT }, peer: followed() },
    'waiting 2063',
  )
  row(
    'its sender is dead for sure',
    { web1: { facts: SILENT }, peer: { ...followed(), gone: new Map([['web1', ms(-50)]]) } },
    'candidate released: votes web3',
  )
  row(
    'it was dead before it was heard last',
    { web1: { facts: SILENT }, peer: { ...followed(), gone: new Map([['web1', ms(-5_001)]]) } },
    'waiting 2063',
  )
  row(
    'it was heard last when it was seen dead',
    { web1: { facts: SILENT }, peer: { ...followed(), gone: new Map([['web1', ms(-5_000)]]) } },
    'candidate released: votes web3',
  )
  row(
    'its sender said at that instant that it holds nothing',
    { web3: { facts: SILENT }, peer: followed({ at: ms(-100) }) },
    'candidate due: votes web1',
  )
  row(
    'another node was dead',
    { web1: { facts: SILENT }, peer: { ...followed(), gone: new Map([['web3', ms(-50)]]) } },
    'waiting 2063',
  )
  row(
    'its sender is no haup node of this cluster',
    { web1: { facts: SILENT }, peer: followed({ node: 'web9' }) },
    'candidate due: votes web3',
  )
})

describe('just started, or woke late', () => {
  const woke = (at: number, sight: Sight = {}): Sight => ({ ...sight, state: { wokeAt: ms(at) } })
  const wait = 3_062_500
  row('not all are heard', woke(-1_000, { web1: 'unheard' }), `grace ${wait - 1_000_000}`)
  row('listened long enough', woke(-3_071, { web1: 'unheard' }), 'candidate due: votes web3')
  row('all are heard', woke(-1_000), 'candidate due: votes web1,web3')
  row(
    'one that is active is heard',
    woke(-1_000, { web1: 'unheard', web3: { says: ACTIVE } }),
    'follow web3, asks: beside',
  )
  row('not due yet', woke(-1_000, { web1: 'unheard', phase: backup({ masterDownAt: ms(1) }) }), 'waiting')
})

describe('a lower one advertises, and the channel does not hear it any more', () => {
  const adverts = (heardAt: number) => ({
    router: {
      master: { address: '192.0.2.13' as never, priority: 230, interval: fromSeconds(1), heardAt: ms(heardAt) },
    },
  })
  const silent = (provenAt: number, unprovenAt?: number) => ({
    ...SILENT,
    heardAt: ms(-60_000),
    provenAt: ms(-60_000 + provenAt),
    unprovenAt: unprovenAt === undefined ? undefined : ms(unprovenAt),
  })
  const told = { web1: { facts: SILENT } }
  row('it heard this node', { ...adverts(-100), ...told, web3: { facts: silent(-100) } }, 'candidate due: votes ')
  row(
    'its last word was that it does not',
    { ...adverts(-100), ...told, web3: { facts: silent(-1_501) } },
    'waiting 3000',
  )
  row(
    'it cannot prove that it does',
    { ...adverts(-100), ...told, web3: { facts: silent(-100, -59_000) } },
    'waiting 3000',
  )
  row(
    'its adverts have ended, too',
    { ...adverts(-5_000), ...told, web3: { facts: silent(-1_501) } },
    'candidate due: votes ',
  )
  row(
    'its adverts are nobody’s',
    {
      ...adverts(-100),
      ...told,
      web3: { facts: silent(-1_501) },
      peer: {
        followed: { node: 'web3', id: 7, at: ms(-100) },
        doubts: new Map([['web3', { rounds: 5, since: ms(-9_000), askAt: undefined }]]),
      },
    },
    'candidate due: votes ',
  )
})
