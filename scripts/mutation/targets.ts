import { globSync } from 'node:fs'

/** The code that decides who holds the addresses, and what carries it out in which order. */
const DECIDING = [
  'src/engine/core/peer-*.ts',
  'src/engine/core/lan-*.ts',
  'src/engine/core/{decide*,damping,unheard-rival,redundancy,carry-out,refusal,votes,vote-pace,adverts,hold-limit,gate-*,lan,guardian,hold,participation,follow}.ts',
  'src/probes/{policy*,main-verdict}.ts',
  'src/engine/peer/{session,window,lease,life}.ts',
  'src/engine/vrrp/{transition,phases,timing}.ts',
  'src/engine/{engine,loop,router-actions,instance-gate,advert-sender,peer-actions}.ts',
]

/** What these files make is for people. */
const WORDS = /-(?:text|types)\.ts$/

/**
 * The tests that have to catch what is wrong there: on clocks of their own, without root, and together in less than a
 * minute. Nothing else counts: whoever changes a decision must hear of a mistake while still at it.
 */
const CATCHING = [
  'test/engine/core/*.test.ts',
  'test/engine/peer/*.test.ts',
  'test/engine/vrrp/*.test.ts',
  'test/engine/{engine,loop,router-actions,instance-gate*,advert-sender,peer-actions,receive}.test.ts',
  'test/probes/{policy*,main-verdict}.test.ts',
  'test/rfc/*.test.ts',
]
const SIMULATIONS = ['test/sim/*.test.ts']

export const decidingFiles = (cwd: string): readonly string[] =>
  globSync(DECIDING, { cwd })
    .filter((file) => !WORDS.test(file))
    .sort()

export const catchingTests = (cwd: string, withSimulations: boolean): readonly string[] =>
  globSync(withSimulations ? [...CATCHING, ...SIMULATIONS] : CATCHING, { cwd }).sort()
