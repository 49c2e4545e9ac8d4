import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NodePlan } from '../../src/engine/core/types.ts'
import { type FailoverRequest, handleFailover } from '../../src/engine/failover.ts'
import { instance, planFor, WEB2 } from './core/support.ts'
import { loopOf } from './support/loop.ts'

function master(
  priority: Readonly<Record<string, number>> = { web1: 150, web2: 100 },
  change: (plan: NodePlan) => NodePlan = (plan) => plan,
) {
  const { box, loop, run, tell } = loopOf(change(planFor('web1', [instance({ priority })])))
  box.ready()
  run(5)
  const clock = { now: box.now, wakeAt: () => {}, after: () => () => {} }
  const wallClock = (): Date => new Date('2026-03-01T12:00:00.000Z')
  const ask = async (request: FailoverRequest) => {
    const response = await handleFailover({ loop, clock, wallClock }, request)
    assert.ok(response.ok && 'outcomes' in response)
    const [first] = response.outcomes
    assert.ok(first)
    return first
  }
  const answer = (): void => {
    box.advert(WEB2, 100)
    tell()
  }
  const refused = async (request: FailoverRequest) => {
    const response = await handleFailover({ loop, clock, wallClock }, request)
    assert.ok(!response.ok)
    return response
  }
  return { box, run, ask, answer, refused }
}

const failover = (hold_ms: number | null = null): FailoverRequest => ({ kind: 'failover', instances: [], hold_ms })

test('a hand-over says who took over, and that this node stays behind until it is told', async () => {
  const { box, run, ask, answer } = master()
  const asked = ask(failover())
  run(5.1)
  answer()
  assert.deepEqual(
    { ...(await asked), took_ms: 0 },
    {
      instance: 'www',
      outcome: 'taken-over',
      new_master: WEB2,
      node: 'web2',
      took_ms: 0,
      message: 'web2 took over after 100ms; this node stays behind with priority 1 until `haup failover www --back`',
    },
  )
  assert.equal(box.shown().state, 'BACKUP')
  assert.match((await ask({ kind: 'back', instances: [] })).message, /^takes part again with its own priority/)
})

test('or until which time', async () => {
  const { run, ask, answer } = master()
  const asked = ask(failover(600_000))
  run(5.1)
  answer()
  assert.match((await asked).message, /priority 1 until 2026-03-01 12:09:59 UTC, or until `haup failover www --back`$/)
})

test('when nobody takes over, how long the address was away', async () => {
  const { box, run, ask } = master()
  const asked = ask(failover())
  run(10)
  const { outcome, message } = await asked
  assert.equal(outcome, 'nobody')
  assert.match(message, /^nobody took over: the address was away for [345][\d.]*s; this node holds it again/)
  assert.equal(box.priority(), 150)
})

const to = (node: string): FailoverRequest => ({ kind: 'failover', instances: [], hold_ms: null, to: node })

test('whom one cannot hand over to', async () => {
  const { refused, box } = master()
  const { code, message, next_steps } = await refused(to('web1'))
  assert.deepEqual(
    [code, message, next_steps],
    ['node.this', 'web1 is this node: it has nothing to hand over to itself', ['use one of: web2']],
  )
  assert.deepEqual((await refused(to('web9'))).code, 'node.unknown')
  const channelless = await refused(to('web2'))
  assert.equal(channelless.code, 'peer.none')
  assert.match(channelless.next_steps.join(), /add "peer:"/)
  assert.equal(box.shown().state, 'MASTER', 'nothing was handed over')
})

test('a node that runs keepalived cannot be asked', async () => {
  const { refused } = master(undefined, (plan) => ({
    ...plan,
    instances: plan.instances.map((each) => ({
      ...each,
      peers: each.peers.map((peer) => ({ ...peer, kind: 'keepalived' as const })),
    })),
  }))
  const { code, message } = await refused(to('web2'))
  assert.equal(code, 'node.foreign')
  assert.match(message, /web2 runs keepalived/)
})

test('standby hands over what is held, and stays until resume', async () => {
  const { box, run, ask, answer } = master()
  const asked = ask({ kind: 'standby', hold_ms: null })
  run(5.1)
  answer()
  const { outcome, message } = await asked
  assert.equal(outcome, 'taken-over')
  assert.match(message, /^web2 took over after 100ms; this node stays behind with priority 1 until `haup resume`$/)
  assert.equal(box.state().instances.get('www')?.hold?.standby, true)
  assert.equal((await ask({ kind: 'standby', hold_ms: 1_000 })).outcome, 'stands-by')
  assert.equal((await ask({ kind: 'resume' })).outcome, 'back')
  assert.equal(box.state().instances.get('www')?.hold, undefined)
  assert.equal((await ask({ kind: 'resume' })).outcome, 'not-held')
})

test('standby when nobody takes over: this node is the last resort', async () => {
  const { box, run, ask } = master()
  const asked = ask({ kind: 'standby', hold_ms: null })
  run(15)
  const { outcome, message } = await asked
  assert.equal(outcome, 'nobody')
  assert.match(
    message,
    /holds it as the last resort with priority 1, and steps back for any other until `haup resume`$/,
  )
  assert.equal(box.priority(), 1)
})
