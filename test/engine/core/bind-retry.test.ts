import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toSeconds } from '../../../src/shared/units.ts'
import { createNode, planFor } from './support.ts'

const UNSENT = 'adverts cannot be sent on eth0: EPERM'

/** A lone node that claims and, as master, is told after 2 s that it cannot send; looks into the kernel find no hindrance. */
function mute() {
  const box = createNode(planFor('web1'))
  box.ready()
  /** Runs until the next claim has failed; the second of the claim. */
  const fail = (): number => {
    while (box.shown().state !== 'MASTER') second()
    const at = toSeconds(box.now())
    box.run(at + 2)
    box.send({ kind: 'bind-failed', instance: 'www', message: UNSENT })
    return at
  }
  const second = (): void => {
    const looks = () => box.actions.filter(({ kind }) => kind === 'check-bindings').length
    const before = looks()
    box.run(toSeconds(box.now()) + 1)
    if (looks() > before) box.send({ kind: 'bindings-checked', instance: 'www', error: undefined })
  }
  return { box, fail, second }
}

test('a node whose adverts cannot be sent claims more and more rarely, in the end each five minutes', () => {
  const { fail } = mute()
  const claims = Array.from({ length: 9 }, fail)
  const pauses = claims.slice(1).map((at, index) => Math.round(at - (claims[index] ?? 0)))
  const LISTENING = 3.4 + 2
  assert.deepEqual(
    pauses.map((pause) => Math.round((pause - LISTENING) / 10) * 10),
    [10, 20, 40, 80, 160, 300, 300, 300],
  )
})

test('status says how often it failed and how long it waits', () => {
  const { box, fail } = mute()
  fail()
  assert.equal(box.shown().reason, UNSENT)
  fail()
  assert.equal(box.shown().reason, `${UNSENT} (2 times in a row: claimed again after 20s)`)
})

test('after an advert that was sent all is as at first', () => {
  const { box, fail } = mute()
  for (let i = 0; i < 4; i += 1) fail()
  box.send({ kind: 'able', instance: 'www' })
  assert.equal(box.actions.at(-1)?.kind, 'check-bindings')
  box.send({ kind: 'bindings-checked', instance: 'www', error: undefined })
  assert.equal(box.shown().state, 'BACKUP')
  fail()
  assert.equal(box.shown().reason, UNSENT)
})

test('when the link comes back it is tried at once; a further report that it is up changes nothing', () => {
  const { box, fail } = mute()
  for (let i = 0; i < 4; i += 1) fail()
  const link = (up: boolean) => {
    const before = box.actions.length
    box.send({ kind: 'link', link: { interface: 'eth0', up, detail: 'eth0' } })
    return box.actions.slice(before).some(({ kind }) => kind === 'check-bindings')
  }
  assert.deepEqual([link(true), link(false), link(true)], [false, false, true])
})
