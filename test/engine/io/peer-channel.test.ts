import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { now } from '../../../src/engine/io/clock.ts'
import { instance, report } from '../peer/support.ts'
import { ends, KEY, listen, OTHER_KEY, type Spoken, takePort, until } from './support/channels.ts'

/** Both say something until both have heard something. */
const meet = (a: Spoken, b: Spoken): Promise<void> =>
  until(
    () => a.heard.length > 0 && b.heard.length > 0,
    () => {
      a.say(['web2'], report())
      b.say(['web1'], report())
    },
  )

test('one report is enough for two nodes to meet; the next ones are heard', async () => {
  const port = takePort()
  using a = listen(ends('web1', port))
  using b = listen(ends('web2', port))
  await until(
    () => a.met.length > 0 && b.met.length > 0,
    () => a.say(['web2'], report()),
  )
  const before = now()
  b.say(['web1'], report({ standby: true }))
  await until(() => a.heard.length > 0)
  assert.equal(a.heard[0]?.node, 'web2')
  assert.equal(a.heard[0]?.path, 'lan')
  assert.deepEqual(a.heard[0]?.report, report({ standby: true }))
  assert.ok(a.heard[0].provenAt < before, 'proven by what was sent before')
  assert.deepEqual([a.met, b.met], [['web2'], ['web1']])
  assert.deepEqual([a.troubles, b.troubles], [[], []])
})

test('a report over two paths is heard once, each datagram is told once, and both paths are known to work', async () => {
  const port = takePort()
  using a = listen(ends('web1', port, 2))
  using b = listen(ends('web2', port, 2))
  await meet(a, b)
  // What was said for that is over on both paths.
  await setTimeout(100)
  const [heard, ways] = [b.heard.length, b.ways.length]
  a.say(['web2'], report())
  await until(() => b.heard.length + b.ways.length >= heard + ways + 2)
  const told = [b.heard.slice(heard).map(({ path }) => path), b.ways.slice(ways)]
  assert.deepEqual(
    told.map(({ length }) => length),
    [1, 1],
  )
  assert.deepEqual(told.flat().toSorted(), ['lan', 'line'])
  assert.ok(b.paths('web1').every(({ heardAt, problem }) => heardAt !== undefined && problem === undefined))
  assert.deepEqual(b.counters().rejected, {})
})

test('a channel that was opened anew is believed, and no report of its life before', async () => {
  const port = takePort()
  using a = listen(ends('web1', port))
  {
    using b = listen(ends('web2', port))
    await meet(a, b)
  }
  using again = listen(ends('web2', port))
  const before = a.heard.length
  await until(
    () => a.heard.length > before,
    () => {
      a.say(['web2'], report())
      again.say(['web1'], report({ haup: '9.9.9' }))
    },
  )
  assert.equal(a.heard.at(-1)?.report.haup, '9.9.9')
  assert.deepEqual(a.met, ['web2', 'web2'])
})

test('another key is told as such, once, and nothing is heard', async () => {
  const port = takePort()
  using a = listen(ends('web1', port))
  using b = listen({ ...ends('web2', port), keys: [OTHER_KEY] })
  await until(
    () => (a.counters().rejected.key ?? 0) > 2,
    () => b.say(['web1'], report()),
  )
  assert.deepEqual(a.troubles, [{ kind: 'key', node: 'web2', from: '127.0.0.12' }])
  assert.deepEqual([a.heard, a.ways, a.met], [[], [], []])
})

test('keys are changed one node at a time, and nobody misses a report', async () => {
  const port = takePort()
  using a = listen(ends('web1', port))
  using b = listen(ends('web2', port))
  await meet(a, b)
  const steps = [
    () => a.follow({ ...ends('web1', port), keys: [KEY, OTHER_KEY] }),
    () => b.follow({ ...ends('web2', port), keys: [OTHER_KEY, KEY] }),
    () => a.follow({ ...ends('web1', port), keys: [OTHER_KEY] }),
    () => b.follow({ ...ends('web2', port), keys: [OTHER_KEY] }),
  ]
  for (const step of steps) {
    step()
    const [toA, toB] = [a.heard.length, b.heard.length]
    a.say(['web2'], report())
    b.say(['web1'], report())
    await until(() => a.heard.length > toA && b.heard.length > toB)
  }
  assert.deepEqual([a.met.length, b.met.length, a.troubles, b.troubles], [1, 1, [], []])
})

test('what cannot be sent is counted, and what nobody is told is not sent', async () => {
  const port = takePort()
  using a = listen({ ...ends('web1', port, 2), keys: [] })
  await until(() => a.paths('web2').every(({ problem }) => problem === undefined))
  a.say(['web2'], report())
  a.say(['web9'], report())
  assert.deepEqual(a.counters(), { sent: 0, received: 0, send_errors: 2, rejected: {} })
  assert.deepEqual(a.paths('web9'), [])
})

test('what does not fit into one datagram comes in several, none of them larger', async () => {
  const port = takePort()
  using a = listen(ends('web1', port))
  using b = listen(ends('web2', port))
  await meet(a, b)
  const before = b.heard.length
  const instances = Array.from({ length: 60 }, (_, index) => instance({ name: `www${index}`, reason: 'x'.repeat(200) }))
  a.say(['web2'], report({ instances }))
  const names = () => new Set(b.heard.slice(before).flatMap((heard) => heard.report.instances.map(({ name }) => name)))
  await until(() => names().size === instances.length)
  assert.ok(b.heard.slice(before).every((heard) => heard.report.instances.length <= 4))
})

test('another port, and back: the nodes meet no second time', async () => {
  const [port, other] = [takePort(), takePort()]
  using a = listen(ends('web1', port))
  using b = listen(ends('web2', port))
  await meet(a, b)
  for (const next of [other, port]) {
    a.follow(ends('web1', next))
    b.follow(ends('web2', next))
    const before = b.heard.length
    await until(
      () => b.heard.length > before,
      () => a.say(['web2'], report()),
    )
  }
  assert.deepEqual([a.met, b.met, a.broken, b.broken], [['web2'], ['web1'], [], []])
})

test('under another name a node is another one; a node that is not there any more is not heard', async () => {
  const port = takePort()
  using a = listen(ends('web1', port))
  using b = listen(ends('web2', port))
  await meet(a, b)
  b.follow({ ...ends('web2', port), cluster: 'other' })
  await until(
    () => (a.counters().rejected.stranger ?? 0) > 0,
    () => b.say(['web1'], report()),
  )
  assert.deepEqual(
    a.troubles.map(({ kind }) => kind),
    ['stranger'],
  )
  a.follow({ ...ends('web1', port), peers: [] })
  const { length } = a.heard
  b.follow(ends('web2', port))
  b.say(['web1'], report())
  assert.deepEqual([a.heard.length, a.paths('web2')], [length, []])
})
