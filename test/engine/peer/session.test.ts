import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Ack, beginSession, type Received, receive, type Session, send } from '../../../src/engine/peer/session.ts'
import { fromMillis, fromSeconds, type Micros, ZERO } from '../../../src/shared/units.ts'

const [OWN, FIRST, SECOND, THIRD] = ['own', 'first', 'second', 'third']
const at = (seconds: number): Micros => fromSeconds(seconds)

const hear = (
  session: Session,
  from: string,
  counter: number,
  ack?: Partial<Ack>,
  now = ZERO,
  path = 'lan',
): Received =>
  receive(session, { session: from, counter, path, now }, ack && { session: OWN, counter: 1, proven: true, ...ack })

/** A session that has sent `count` datagrams, one a second from `from` on. */
const sending = (session: Session, count: number, from = 0): Session =>
  Array.from({ length: count }, (_, index) => at(from + index)).reduce(
    (before, now) => send(before, now).session,
    session,
  )

const fresh = (): Session => beginSession(OWN, ZERO)
/** Has sent 5, and believes the life `first` by its datagram 1, which acknowledged our 3. */
const believing = (): Session => hear(sending(fresh(), 5), FIRST, 1, { counter: 3 }).session

test('a life that acknowledges nothing is not believed, and is answered', () => {
  const { session, verdict, met, answer } = hear(fresh(), FIRST, 7)
  assert.deepEqual([verdict, met, answer], [{ kind: 'unproven' }, false, FIRST])
  assert.deepEqual(send(session, ZERO, FIRST).ack, { session: FIRST, counter: 7, proven: false })
})

test('a life that acknowledges what we have said is believed; proven is when we said that', () => {
  const { session, verdict, met, answer } = hear(sending(fresh(), 5), FIRST, 1, { counter: 3 })
  assert.deepEqual([verdict, met, answer], [{ kind: 'news', provenAt: at(2) }, true, undefined])
  assert.deepEqual(send(session, ZERO).ack, { session: FIRST, counter: 1, proven: true })
})

test('one that believes us not yet is answered, until it does', () => {
  const first = hear(sending(fresh(), 1), FIRST, 1, { proven: false })
  assert.equal(first.answer, FIRST)
  const second = hear(first.session, FIRST, 2, { session: 'another of ours' })
  assert.equal(second.answer, FIRST)
  assert.equal(hear(second.session, FIRST, 3, {}).answer, undefined)
})

test('what was never sent, or in another life of ours, proves nothing', () => {
  for (const ack of [{ counter: 6 }, { counter: 0 }, { session: 'another of ours', counter: 3 }]) {
    const { verdict, met } = hear(sending(fresh(), 5), FIRST, 1, ack)
    assert.deepEqual([verdict.kind, met], ['unproven', false])
  }
})

test('the next life is believed only by what we said after we had come to believe the one before', () => {
  const before = sending(believing(), 2, 10)
  for (const counter of [1, 3, 5]) assert.equal(hear(before, SECOND, 1, { counter }).met, false, `${counter}`)
  const { session, met, verdict } = hear(before, SECOND, 1, { counter: 6 })
  assert.deepEqual([met, verdict], [true, { kind: 'news', provenAt: at(10) }])
  const late = hear(session, FIRST, 99, { counter: 7 })
  assert.deepEqual([late.verdict.kind, late.answer], ['replayed', undefined], 'the life before is over')
})

test('a life that was recorded can be played to us, and changes nothing of the one that is believed', () => {
  let session = believing()
  for (let counter = 1; counter < 100; counter += 1) {
    session = hear(session, SECOND, counter, { session: 'older', counter }, at(counter)).session
    session = hear(session, THIRD, counter, { counter: 2 }, at(counter)).session
  }
  assert.equal(session.accepted?.id, FIRST)
  assert.deepEqual(send(session, ZERO).ack, { session: FIRST, counter: 1, proven: true }, 'nor what it is told')
  assert.equal(hear(session, FIRST, 2, {}, at(200)).verdict.kind, 'news')
})

test('lives that await their proof are few', () => {
  let session = believing()
  for (let count = 0; count < 100; count += 1) session = hear(session, `life ${count}`, 1).session
  assert.equal(session.candidates.length, 4)
})

test('answers are few, and come again with time', () => {
  let session = fresh()
  let answers = 0
  for (let counter = 1; counter <= 100; counter += 1) {
    const received = hear(session, FIRST, counter)
    session = received.session
    if (received.answer !== undefined) answers += 1
  }
  assert.equal(answers, 5)
  assert.equal(hear(session, FIRST, 101, undefined, at(1)).answer, FIRST)
})

test('a copy of what is not proven is not answered twice', () => {
  const { session } = hear(fresh(), FIRST, 1)
  const again = hear(session, FIRST, 1, undefined, ZERO, 'line')
  assert.deepEqual([again.answer, again.session], [undefined, session])
})

test('what is new counts; a copy tells of its path; the third is a replay', () => {
  const { session } = hear(believing(), FIRST, 5, { counter: 5 })
  assert.deepEqual(hear(session, FIRST, 4, { counter: 4 }).verdict, { kind: 'news', provenAt: at(3) }, 'overtaken')
  assert.equal(hear(session, FIRST, 4).verdict.kind, 'again', 'overtaken, and proven by nothing')
  const copy = hear(session, FIRST, 5, {}, fromMillis(20), 'line')
  assert.equal(copy.verdict.kind, 'again')
  assert.equal(hear(copy.session, FIRST, 5, {}, fromMillis(20), 'line').verdict.kind, 'replayed')
  assert.equal(hear(session, FIRST, 5, {}).verdict.kind, 'replayed')
})

test('what a life said before it was proven is of no use after, not even for its path', () => {
  const { session } = hear(sending(fresh(), 5), FIRST, 10, { counter: 3 })
  const before = hear(session, FIRST, 9, { counter: 3 }, ZERO, 'line')
  assert.deepEqual([before.verdict.kind, before.answer, before.session], ['unproven', undefined, session])
})

test('a copy that was held on its way tells nothing, not even of its path', () => {
  const before = believing()
  const late = hear(before, FIRST, 1, { counter: 3 }, at(2), 'line')
  assert.deepEqual([late.verdict.kind, late.answer, late.session], ['unproven', undefined, before])
})

test('proven is never earlier than for the report before', () => {
  const { session } = hear(believing(), FIRST, 2, { counter: 5 })
  assert.deepEqual(hear(session, FIRST, 3, { counter: 4 }).verdict, { kind: 'news', provenAt: at(4) })
  assert.deepEqual(hear(session, FIRST, 3).verdict, { kind: 'news', provenAt: at(4) })
  assert.deepEqual(hear(session, FIRST, 3, { session: 'another of ours' }).verdict, { kind: 'news', provenAt: at(4) })
})

test('counters never come twice, and long sessions keep no long history', () => {
  const session = sending(fresh(), 2_000)
  assert.equal(send(session, at(2_000)).counter, 2_001)
  assert.equal(session.sentAt.length, 1_024)
  assert.equal(hear(session, FIRST, 1, { counter: 900 }).met, false, 'too long ago')
  assert.deepEqual(hear(session, FIRST, 1, { counter: 1_990 }).verdict, { kind: 'news', provenAt: at(1_989) })
})
