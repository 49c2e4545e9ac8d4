import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClock, now } from '../../src/engine/io/clock.ts'
import { createLeaseKeeper } from '../../src/engine/lease-keeper.ts'
import { ownTerm } from '../../src/engine/peer/lease.ts'
import type { ArbiterFailure, ArbiterPort } from '../../src/engine/ports.ts'
import { err, ok } from '../../src/shared/result.ts'
import { fromMillis, type Micros, plus } from '../../src/shared/units.ts'

const TTL = fromMillis(300)

/** An arbiter that grants until it is told to fail; everything that happens, in order. */
function start() {
  const did: string[] = []
  const waiting = new Map<string, PromiseWithResolvers<void>>()
  let failure: ArbiterFailure | undefined
  const note = (what: string): void => {
    did.push(what)
    waiting.get(what)?.resolve()
    waiting.delete(what)
  }
  const grant = async (what: string) => {
    note(what)
    return failure === undefined ? ok({ expiresAt: plus(now(), ownTerm(TTL)) }) : err(failure)
  }
  const arbiter: ArbiterPort = {
    acquire: () => grant('acquire'),
    renew: () => grant('renew'),
    release: async () => {
      note('release')
      return ok(undefined)
    },
    look: async () => {
      note('look')
      return ok({ kind: 'free' })
    },
    close: () => note('close'),
  }
  const limits: (Micros | undefined)[] = []
  const keeper = createLeaseKeeper({
    arbiter,
    config: { holder: 'ant', ttl: TTL },
    clock: createClock(),
    onLimit: (until) => {
      limits.push(until)
      note(until === undefined ? 'shut' : 'open')
    },
    onNotice: ({ code }) => note(code),
  })
  return {
    did,
    limits,
    keeper,
    fail: (how: ArbiterFailure | undefined) => {
      failure = how
    },
    /** When it happens next. */
    next: (what: string): Promise<void> => {
      const promise = waiting.get(what) ?? Promise.withResolvers<void>()
      waiting.set(what, promise)
      return promise.promise
    },
  }
}

test('it looks, takes, renews, and gives back at the end', async () => {
  const { did, limits, keeper, next } = start()
  await next('look')
  keeper.want(true)
  await next('open')
  await next('renew')
  await next('open')
  assert.ok(limits.every((each, at) => each !== undefined && (at === 0 || each > (limits[at - 1] ?? 0))))
  assert.match(keeper.describe(), /^the lease is ours for /)
  await keeper.close()
  assert.equal(limits.at(-1), undefined)
  assert.deepEqual(did.slice(-3), ['shut', 'release', 'close'])
})

test('an arbiter that does not answer: open until the end of the grant, then shut; open when it is back', async () => {
  const { limits, keeper, fail, next } = start()
  keeper.want(true)
  await next('open')
  fail({ kind: 'unreachable', detail: 'gone' })
  await next('lease.lost')
  assert.ok(now() >= (limits.at(-2) ?? 0), 'not before its time')
  assert.equal(limits.at(-1), undefined)
  fail(undefined)
  await next('open')
  await keeper.close()
})

test('somebody else has it: shut at once', async () => {
  const { limits, keeper, fail, next } = start()
  keeper.want(true)
  await next('open')
  const until = limits.at(-1) ?? now()
  fail({ kind: 'held', by: 'bee', forMs: 50 })
  await next('shut')
  assert.ok(now() < until)
  keeper.want(false)
  assert.equal(keeper.limit(), undefined)
  await keeper.close()
})
