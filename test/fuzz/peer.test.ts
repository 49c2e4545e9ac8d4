import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTalk, type Taken, type Talk } from '../../src/engine/io/peer-talk.ts'
import { decodeHeader } from '../../src/engine/peer/frame.ts'
import { decodeReport, encodeReport } from '../../src/engine/peer/message.ts'
import { isLater } from '../../src/engine/peer/types.ts'
import { fromMillis, type Micros, plus, ZERO } from '../../src/shared/units.ts'
import { report } from '../engine/peer/support.ts'
import { createRandom } from '../sim/random.ts'

/**
 * Whatever an attacker without the key sends, from recordings of all that was ever said, changes nothing. How many
 * datagrams: HAUP_FUZZ (a million for the whole of it).
 */
const COUNT = Number(process.env.HAUP_FUZZ ?? 100_000)
/** More than those whose end is remembered. */
const LIVES = 100
const KEYS = [new Uint8Array(32).fill(7)]
const [SITE, OTHER_SITE] = ['site', 'other']
const random = createRandom(4711)

const REPORT = encodeReport(report())[0] ?? assert.fail()

let time: Micros = ZERO
const talkOf = (self: string, node: string, cluster = SITE, keys = KEYS): Talk =>
  createTalk({ cluster, self, node }, keys, time)

const take = (talk: Talk, bytes: Uint8Array, path = 'lan'): Taken => {
  const header = decodeHeader(bytes)
  return header.ok ? talk.take(header.value, bytes, path, time) : { kind: 'rejected', fault: 'malformed', detail: '' }
}

/** Says something from one to the other, and hands over the answers that follow; all of it is recorded. */
function speak(from: Talk, to: Talk, record: Uint8Array[]): Taken {
  const bytes = from.say(REPORT, time)
  assert.ok(bytes)
  record.push(bytes)
  const taken = take(to, bytes)
  answer(taken, to, from, record)
  return taken
}

function answer(taken: Taken, by: Talk, to: Talk, record: Uint8Array[]): void {
  if (taken.kind !== 'valid' || taken.answer === undefined) return
  record.push(taken.answer)
  answer(take(to, taken.answer), to, by, record)
}

/** Two nodes that have met, and what was said in this life and in lives before it, each way. */
function cluster() {
  const [toB, toA]: [Uint8Array[], Uint8Array[]] = [[], []]
  const b = talkOf('web2', 'web1')
  let a = talkOf('web1', 'web2')
  for (let life = 0; life < LIVES; life += 1) {
    a = talkOf('web1', 'web2')
    for (let round = 0; round < 3; round += 1) {
      time = plus(time, fromMillis(1_000))
      speak(a, b, toB)
      speak(b, a, toA)
    }
  }
  return { a, b, toB, toA }
}

const pick = <T>(list: readonly T[]): T => {
  const chosen = list[random.between(0, list.length - 1)]
  assert.ok(chosen !== undefined)
  return chosen
}

function mutated(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const first = random.between(0, copy.length - 1)
  for (const at of [first, random.between(first + 1, copy.length), random.between(first + 1, 2 * copy.length)]) {
    if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ random.between(1, 255)
  }
  return copy
}

test(`${COUNT} forged, mutated, replayed, reordered and reflected datagrams change nothing`, () => {
  const { a, b, toB, toA } = cluster()
  const session = b.known()?.session
  const unborn = talkOf('web1', 'web2')
  const foreign = [talkOf('web1', 'web2', OTHER_SITE), talkOf('web1', 'web2', SITE, [new Uint8Array(32).fill(8)])]
  const withhold = (): readonly Uint8Array[] =>
    Array.from({ length: 20 }, () => a.say(REPORT, time)).filter((bytes) => bytes !== undefined)
  const withheld = withhold()
  const newest = speak(a, b, toB)
  assert.ok(newest.kind === 'valid' && newest.heard !== undefined)
  const { order } = newest.heard
  const ahead = withhold()
  const attacks: Record<string, () => Uint8Array | undefined> = {
    noise: () => Uint8Array.from({ length: random.between(0, 200) }, () => random.between(0, 255)),
    replayed: () => pick(toB),
    mutated: () => mutated(pick(pick([toB, ahead]))),
    cut: () => pick(ahead).subarray(0, random.between(0, 300)),
    reordered: () => pick(withheld),
    reflected: () => pick(toA),
    foreign: () => pick(foreign).say(REPORT, time),
    // Genuine, of a life that has never heard us: as from a node that was cut off when it was born, and is dead now.
    unborn: () => unborn.say(REPORT, time),
  }
  const kinds = Object.keys(attacks)
  const tried = new Map<string, number>()
  for (let count = 0; count < COUNT; count += 1) {
    time = plus(time, random.between(0, 1_000) as Micros)
    const kind = pick(kinds)
    const taken = take(b, attacks[kind]?.() ?? new Uint8Array(), pick(['lan', 'line']))
    tried.set(kind, (tried.get(kind) ?? 0) + 1)
    if (taken.kind !== 'valid') continue
    // What was overtaken counts where nothing newer was said: here everything has been.
    const isOld = kind === 'reordered' && taken.heard !== undefined && isLater(order, taken.heard.order)
    assert.ok(taken.heard === undefined || isOld, kind)
    assert.equal(taken.met, false, kind)
    assert.ok(!taken.proven || kind === 'reordered' || kind === 'replayed', `${kind} makes a path look well`)
  }
  assert.equal(tried.size, kinds.length)
  assert.equal(b.known()?.session, session)
  const last = speak(a, b, toB)
  assert.ok(last.kind === 'valid' && last.heard !== undefined, 'the genuine node is heard as before')
})

test('reports that a node of another mind seals never throw', () => {
  let passed = 0
  for (let count = 0; count < COUNT / 10; count += 1) {
    const decoded = decodeReport(mutated(REPORT))
    if (!decoded.ok) continue
    passed += 1
    const [again] = encodeReport(decoded.value)
    assert.deepEqual(decodeReport(again ?? assert.fail()), decoded)
  }
  assert.ok(passed > 0)
})
