import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  foreignTerm,
  type LeaseCall,
  type LeaseState,
  leaseLimit,
  leaseStep,
  newLeaseState,
  ownTerm,
} from '../../../src/engine/peer/lease.ts'
import { isOf, type LeaseRecord, leftOf, type Sighting, sight } from '../../../src/engine/peer/lease-record.ts'
import type { ArbiterFailure } from '../../../src/engine/peer/witness.ts'
import { err, ok, type Result } from '../../../src/shared/result.ts'
import { fromMillis, fromSeconds, type Micros, micros, plus, ZERO } from '../../../src/shared/units.ts'

/**
 * Two nodes, clocks that differ in rate by 1 % and in origin altogether, a store whose requests and answers are lost or
 * late: never do both believe to have the lease.
 */

const TTL = fromSeconds(3)
const STEP_MS = 10

type Store = { record: LeaseRecord; version: number }

type Node = {
  readonly name: string
  readonly rate: number
  readonly origin: number
  /** Nothing of it reaches the store. */
  cut: boolean
  state: LeaseState
  sighting: Sighting | undefined
  /** What is under way: when it reaches the store, when its answer arrives (steps); undefined: lost. */
  call:
    | {
        readonly kind: LeaseCall
        readonly arrives: number | undefined
        readonly answers: number
        readonly heard: boolean
        readonly begun: Micros
      }
    | undefined
  answer: Result<Micros | undefined, ArbiterFailure>
}

const LOST: ArbiterFailure = { kind: 'unreachable', detail: 'lost' }

const clock = (node: Node, step: number): Micros => micros(node.origin + step * STEP_MS * 1_000 * node.rate)

/** In steps: mostly quick. */
const delay = fc.oneof({ weight: 5, arbitrary: fc.nat(1) }, fc.nat(30))
const delays = fc.array(fc.record({ to: delay, back: delay, lost: fc.nat(9) }), {
  minLength: 20,
  maxLength: 20,
})
const wish = fc.constantFrom('want', 'want', 'leave', 'cut', 'join')
const wishes = fc.array(fc.tuple(fc.nat(1), wish, fc.integer({ min: 1, max: 400 })), { minLength: 5, maxLength: 30 })

test('never two, whatever is lost, and whatever the clocks say', () => {
  let handed = 0
  fc.assert(
    fc.property(delays, wishes, fc.constantFrom(0.995, 1, 1.005), fc.boolean(), (network, wanted, rate, fastFirst) => {
      const store: Store = { record: { holder: undefined, token: '', ttl: ZERO, count: 0 }, version: 0 }
      const rates = fastFirst ? [rate, 2 - rate] : [2 - rate, rate]
      const nodes = ['ant', 'bee'].map((name, which) => newNode(name, rates[which] ?? 1, which * 1e12))
      const holders = new Set<string>()
      let step = 0
      let calls = 0
      const nextDelay = () => network[calls++ % network.length] ?? { to: 0, back: 0, lost: 5 }
      for (const [which, wish, pause] of wanted) {
        const chosen = nodes[which]
        if (chosen !== undefined) obey(chosen, wish, step, nextDelay)
        for (const end = step + pause; step < end; step += 1) {
          for (const node of nodes) advance(node, store, step, nextDelay)
          const open = nodes.filter((node) => (leaseLimit(node.state) ?? ZERO) > clock(node, step))
          assert.ok(open.length < 2, `both at step ${step}`)
          for (const { name } of open) holders.add(name)
        }
      }
      if (holders.size === 2) handed += 1
    }),
    { numRuns: 300 },
  )
  assert.ok(handed > 20, `in ${handed} runs both had it in turn`)
})

const newNode = (name: string, rate: number, origin: number): Node => ({
  name,
  rate,
  origin,
  cut: false,
  state: newLeaseState(micros(origin)),
  sighting: undefined,
  call: undefined,
  answer: err(LOST),
})

function obey(node: Node, wish: 'want' | 'leave' | 'cut' | 'join', step: number, delay: () => Delay): void {
  if (wish === 'cut' || wish === 'join') node.cut = wish === 'cut'
  else feed(node, { kind: 'want', wanted: wish === 'want', now: clock(node, step) }, step, delay)
}

type Delay = { readonly to: number; readonly back: number; readonly lost: number }

function feed(node: Node, event: Parameters<typeof leaseStep>[2], step: number, delay: () => Delay): void {
  const stepped = leaseStep({ holder: node.name, ttl: TTL }, node.state, event)
  node.state = stepped.state
  for (const action of stepped.actions) {
    if (action.kind !== 'call') continue
    assert.equal(node.call, undefined, 'one call at a time')
    const { to, back, lost } = delay()
    const arrives = lost === 0 || node.cut ? undefined : step + to
    node.answer = err(LOST)
    node.call = {
      kind: action.call,
      arrives,
      answers: arrives === undefined || lost <= 1 ? step + 60 : step + to + back,
      heard: lost > 1,
      begun: event.now,
    }
  }
}

/** The store's part, as io/arbiter-http.ts plays it; an answer that is lost ends as a timeout does. */
function advance(node: Node, store: Store, step: number, delay: () => Delay): void {
  const { call } = node
  const now = clock(node, step)
  if (call !== undefined && call.arrives === step) {
    const served = serve(node, store, call.kind, now)
    if (call.heard) node.answer = served
  }
  if (call !== undefined && step >= call.answers) {
    node.call = undefined
    feed(node, eventOf(call.kind, node.answer, call.begun, now), step, delay)
  }
  feed(node, { kind: 'timer', now }, step, delay)
}

function serve(node: Node, store: Store, call: LeaseCall, now: Micros): Result<Micros | undefined, ArbiterFailure> {
  const { record } = store
  node.sighting = sight(node.sighting, String(store.version), now)
  const ours = isOf(record, node.name, node.name)
  const left = record.holder === undefined ? 0 : leftOf(record, node.sighting, now)
  const write = (next: LeaseRecord) => {
    store.record = next
    store.version += 1
    return ok(undefined)
  }
  const count = record.count + 1
  switch (call) {
    case 'look':
      return ok(undefined)
    case 'release':
      return ours ? write({ holder: undefined, token: '', ttl: ZERO, count }) : ok(undefined)
    case 'renew':
    case 'acquire':
      if (call === 'renew' && !ours) return err({ kind: 'gone' })
      if (!ours && left > 0) return err({ kind: 'held', by: record.holder ?? '', forMs: left / 1_000 })
      return write({ holder: node.name, token: node.name, ttl: TTL, count })
  }
}

function eventOf(
  call: LeaseCall,
  answer: Result<Micros | undefined, ArbiterFailure>,
  begun: Micros,
  now: Micros,
): Parameters<typeof leaseStep>[2] {
  switch (call) {
    case 'look':
      return { kind: 'seen', now, view: answer.ok ? ok({ kind: 'free' }) : answer }
    case 'release':
      return { kind: 'released', now, answer: answer.ok ? ok(undefined) : answer }
    case 'acquire':
    case 'renew':
      return { kind: 'granted', now, grant: answer.ok ? ok({ expiresAt: plus(begun, ownTerm(TTL)) }) : answer }
  }
}

test('the margin is what the rates need', () => {
  assert.equal(ownTerm(fromSeconds(10)), fromMillis(9_880))
  const rate = fc.double({ min: 0.995, max: 1.005, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 3_600_000 }), rate, rate, (ms, holders, waiters) => {
      const ttl = fromMillis(ms)
      assert.ok(ownTerm(ttl) / holders < foreignTerm(ttl) / waiters, 'the holder ends first')
      assert.ok(ownTerm(ttl) / holders < ttl / waiters, 'also where the store itself counts')
    }),
  )
})
