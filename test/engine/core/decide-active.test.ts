import { describe } from 'node:test'
import { ZERO } from '../../../src/shared/units.ts'
import { claimed, move, refused, row } from './verdict-rows.ts'
import { ACTIVE, MASTER, ms, NOW, SILENT, type Sight } from './views.ts'

/** What a node that is active concludes, rule by rule: what makes it apply, and what lets it go. */

describe('out', () => {
  row('not started', { phase: { kind: 'initialize' } }, 'out')
  row('a link that is down', { runtime: { links: new Map() } }, 'out')
  row(
    'a link that is down, in the middle of a move',
    { runtime: { links: new Map() }, peer: { move: move('offered') } },
    'out',
  )
})

describe('active', () => {
  const active = (sight: Sight): Sight => ({
    phase: MASTER,
    ...sight,
    peer: { holding: true, heldSince: ms(-10_000), ...sight.peer },
  })
  const rival = { ...ACTIVE }
  row('alone', active({}), 'master')
  row('hands over', active({ peer: { move: move('offered') } }), 'transferring web3')
  row('has taken over, and still says so', active({ peer: { move: move('opened') } }), 'master')
  row(
    'a better one holds, too',
    active({ web1: { says: rival } }),
    'conflict web1: web1 holds the addresses too, and has the better right',
  )
  row('a worse one holds, too', active({ web3: { says: rival } }), 'conflict web3: the other one steps down')
  row(
    'a worse one that held before this one did',
    active({ web3: { says: rival }, peer: { heldSince: ms(-110) } }),
    'master',
  )
  row(
    'it has heard this one since',
    active({ web3: { says: rival }, peer: { heldSince: ms(-111) } }),
    'conflict web3: the other one steps down',
  )
  row('never heard', active({ web3: { says: rival, facts: { provenAt: undefined } } }), 'master')
  row('not known since when', active({ web3: { says: rival }, peer: { heldSince: undefined } }), 'master')
  row('silent', active({ web3: { says: rival, facts: SILENT } }), 'master')
  row('a better one lets go', active({ web1: { says: { ...rival, state: 'BACKUP' } } }), 'master')
  row(
    'a worse one lets go',
    active({ web3: { says: { ...rival, state: 'BACKUP' } } }),
    'conflict web3: the other one steps down',
  )
  row(
    'it took over since this one did not serve',
    active({ web3: { says: { ...rival, refuses: 'web2' } } }),
    'conflict web3: web3 took over while this node did not serve',
  )
  row(
    'it took over, and was forsaken, too',
    active({ web3: { says: { ...rival, refuses: 'web2' } }, peer: refused('web3') }),
    'conflict web3: web3 took over while this node did not serve',
  )
  row(
    'it refuses another one',
    active({ web3: { says: { ...rival, refuses: 'web1' } } }),
    'conflict web3: the other one steps down',
  )
  row(
    'a better one that was forsaken',
    active({ web1: { says: rival }, peer: refused('web1') }),
    'conflict web1: the other one steps down',
  )
  row(
    'a better one that is refused, and may still be open',
    active({ web1: { says: rival }, peer: refused('web1', -3_000) }),
    'conflict web1: web1 holds the addresses too, and has the better right',
  )
  const unheard = (since: number, votedAt: number, node = 'web3') =>
    active({
      web3: { says: rival },
      peer: { rival: { node, since: ms(since) }, votes: new Map([['web3', ms(votedAt)]]) },
    })
  row(
    'a worse one does not hear',
    unheard(-1_501, -4_000),
    'conflict web3: web3 holds the addresses too, and does not hear this node',
  )
  row('not for long yet', unheard(-1_500, -4_000), 'conflict web3: the other one steps down')
  row('it hears', unheard(-1_501, -100), 'conflict web3: the other one steps down')
  row('another one was the rival', unheard(-1_501, -4_000, 'web1'), 'conflict web3: the other one steps down')
})

describe('active, and a better one asks', () => {
  const asked = (sight: Sight, says = {}): Sight => ({
    phase: MASTER,
    ...sight,
    web1: { says: { ...claimed(3), ...says } },
    peer: { holding: true, heldSince: ms(-10_000), ...sight.peer },
  })
  row('at once', asked({}), 'offer web1')
  row('it does not ask', asked({}, { claim: undefined }), 'master')
  row('offered not long ago', asked({ peer: { offeredAt: ms(-2_999) } }), 'master')
  row('offered long ago', asked({ peer: { offeredAt: ms(-3_000) } }), 'offer web1')
  row('it cannot serve', asked({}, { readiness: 'unable' }), 'master')
  row('it is in standby', asked({}, { readiness: 'standby' }), 'master')
  row('a worse one asks', { ...asked({}, { claim: undefined }), web3: { says: claimed(4) } }, 'master')
  row('no preemption', asked({ shape: { instances: [{ preempt: false }] } }), 'master')
  const standby = {
    hold: { since: ZERO, until: undefined, answered: true, standby: true, taker: undefined, strict: false },
  }
  row(
    'no preemption, and this one is in standby',
    asked({ shape: { instances: [{ preempt: false }] }, runtime: standby }),
    'offer web1',
  )
  row(
    'this one in standby, and that one, too',
    { ...asked({ runtime: standby }, { readiness: 'standby' }) },
    'offer web1',
  )
  row('it did not serve not long ago', asked({ peer: { tookFrom: { node: 'web1', until: ms(1) } } }), 'master')
  row('that is long ago', asked({ peer: { tookFrom: { node: 'web1', until: NOW } } }), 'offer web1')
  row('another one did not serve', asked({ peer: { tookFrom: { node: 'web3', until: ms(1) } } }), 'offer web1')
  row(
    'this one cannot do better',
    asked({ runtime: standby, peer: { tookFrom: { node: 'web1', until: ms(1) } } }),
    'offer web1',
  )
  const far = { paths: [{ name: 'lan', heardAt: ms(-1_600) }] }
  row('not heard on the LAN', { ...asked({}), web1: { says: claimed(3), facts: far } }, 'master')
  row(
    'not heard on the LAN, which it reaches',
    { ...asked({}), web1: { says: { ...claimed(3), lan: 'reached' }, facts: far } },
    'offer web1',
  )
  row('two ask: the best one', { ...asked({ self: 'web3' }), web2: { says: claimed(4) } }, 'offer web1')
  row(
    'two ask: not the first one, the best one',
    { ...asked({ self: 'web3', runtime: standby }, { readiness: 'standby' }), web2: { says: claimed(4) } },
    'offer web2',
  )
  row(
    'two ask: the best one, in whatever order',
    { ...asked({ self: 'web3' }, { readiness: 'standby' }), web2: { says: claimed(4) } },
    'offer web2',
  )
})

describe('active, with a majority or a lease', () => {
  const MAJORITY: Sight = { phase: MASTER, shape: { config: { quorum: 'majority' } }, peer: { holding: true } }
  const votes = (at: number) => ({ holding: true, votes: new Map([['web1', ms(at)]]) })
  row('one of three hears', { ...MAJORITY, web3: { facts: SILENT }, peer: votes(-100) }, 'master')
  row(
    'none is heard',
    { ...MAJORITY, web1: { facts: SILENT }, web3: { facts: SILENT } },
    'lost quorum: 1 of 3 nodes are no majority',
  )
  row(
    'one is heard, and does not vote',
    { ...MAJORITY, web3: { facts: SILENT }, peer: votes(-4_000) },
    'lost quorum: no majority of nodes acknowledges it',
  )
  row('one has left, the other one is heard', { ...MAJORITY, web3: { leaving: true }, peer: votes(-100) }, 'master')
})
