import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromMillis, fromSeconds, type Micros, micros, minus, plus, ZERO } from '../../src/shared/units.ts'
import { instance, planFor } from '../engine/core/support.ts'
import { type ArpLan, createArpLan, ROUND_TRIP } from './arp-lan.ts'
import { createRandom, type Random } from './random.ts'
import { createTimeline } from './timeline.ts'

/** Two engines; firewalls eat adverts in any direction, nodes crash and return, the LAN splits and heals. */

const INTERVAL = fromMillis(100)
const REFRESH = fromSeconds(1)
const PROBE = fromMillis(50)
/** A node that preempts is not heard by the one it preempts: two intervals in which no advert comes, a probe. */
const BOTH: Micros = micros(2 * INTERVAL + PROBE + 3 * ROUND_TRIP)
/** After a split the next announcement is waited for, which comes with an advert. */
const BOTH_AFTER_SPLIT: Micros = micros(REFRESH + INTERVAL + BOTH)
/** What runs at most: Master_Down_Interval with three probes, twice, and a contest. */
const SETTLE: Micros = micros(2 * (4 * INTERVAL + 3 * PROBE) + BOTH_AFTER_SPLIT + fromMillis(500))
const SEEDS = 400

type Watch = { readonly longestTwo: () => Micros; readonly log: string[] }

function history(
  seed: number,
  act: (lan: ArpLan, random: Random, note: (what: string) => void) => void,
  { preempts = true, refresh = REFRESH } = {},
) {
  const random = createRandom(seed)
  const timeline = createTimeline()
  const settings = instance({
    track: [],
    advertInterval: INTERVAL,
    announceRefresh: refresh,
    preempt: random.chance(0.5) && preempts,
    priority: random.chance(0.3) ? { web1: 100, web2: 100 } : { web1: 150, web2: 100 },
  })
  let twoSince: Micros | undefined
  let longest = ZERO
  let apart = false
  const log: string[] = []
  const note = (what: string): void => void log.push(`${timeline.now()} ${what}: held by [${lan.holders()}]`)
  const look = (): void => {
    const two = lan.holders().length > 1 && !apart
    if (!two && twoSince !== undefined) longest = micros(Math.max(longest, minus(timeline.now(), twoSince)))
    twoSince = two ? (twoSince ?? timeline.now()) : undefined
  }
  const changed = (): void => {
    look()
    note('changed')
  }
  const lan: ArpLan = createArpLan([planFor('web1', [settings]), planFor('web2', [settings])], timeline, random, () =>
    changed(),
  )
  const isolate = (names: readonly string[]): void => {
    apart = names.length > 0
    lan.split(names)
    look()
  }
  for (let round = 0; round < 12; round += 1) {
    act({ ...lan, split: isolate }, random, note)
    timeline.runUntil(plus(timeline.now(), micros(random.between(0, 2 * SETTLE))))
  }
  isolate([])
  note('no more disturbances; a firewall may still eat adverts')
  timeline.runUntil(plus(timeline.now(), SETTLE))
  look()
  const watch: Watch = { longestTwo: () => longest, log }
  return { lan, watch }
}

function firewallOrCrash(lan: ArpLan, random: Random, note: (what: string) => void): void {
  const what = random.pick(['eat', 'eat both', 'pass', 'crash', 'start', 'start'])
  const [one, other] = random.chance(0.5) ? ['web1', 'web2'] : ['web2', 'web1']
  const node = lan.nodes.find(({ name }) => name === one)
  note(`${what} ${one}`)
  if (what === 'pass') lan.passAll()
  if (what === 'eat' || what === 'eat both') lan.eatAdverts(one, other)
  if (what === 'eat both') lan.eatAdverts(other, one)
  if (what === 'crash' && node?.running()) node.crash()
  if (what === 'start' && !node?.running()) node?.start()
}

function check(seed: number, { lan, watch }: ReturnType<typeof history>, limit: Micros): void {
  const story = `seed ${seed}\n${watch.log.join('\n')}`
  assert.ok(watch.longestTwo() <= limit, `two holders for ${watch.longestTwo()} us\n${story}`)
  const running = lan.nodes.filter((node) => node.running())
  assert.equal(lan.holders().length, Math.min(1, running.length), `held by [${lan.holders()}] at the end\n${story}`)
}

test('while the LAN is whole two holders last for a preemption that is not heard, whatever firewalls eat', () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) check(seed, history(seed, firewallOrCrash), BOTH)
})

test('without preemption there are never two, whatever firewalls eat', () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) check(seed, history(seed, firewallOrCrash, { preempts: false }), ZERO)
})

function splitOrOther(lan: ArpLan, random: Random, note: (what: string) => void): void {
  if (random.chance(0.5)) {
    firewallOrCrash(lan, random, note)
    return
  }
  const names = random.chance(0.5) ? ['web1'] : []
  note(names.length > 0 ? 'split' : 'heal')
  lan.split(names)
}

test('a split makes two; once it is healed one lets go within the bound, also when adverts stay blocked', () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) check(seed, history(seed, splitOrOther), BOTH_AFTER_SPLIT)
})

test('the same when addresses are not announced regularly, or rarely', () => {
  for (const refresh of [ZERO, fromSeconds(60)]) {
    for (let seed = 1; seed <= SEEDS; seed += 1) check(seed, history(seed, splitOrOther, { refresh }), BOTH_AFTER_SPLIT)
  }
})
