import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLooks } from '../../src/lab/witness-looks.ts'

/** Asks `count` times, 10 ms apart, and lets `answer` put the capture's next lines behind each question. */
function watch(count: number, answer: (index: number, port: number) => void, looks = createLooks((mac) => mac)) {
  for (let index = 0; index < count; index++) {
    const port = looks.ask(index * 10)
    looks.captured({ kind: 'asked', port })
    answer(index, port)
  }
  return looks
}

test('answers belong to the question before them in the capture, late ones by their port', () => {
  const looks = createLooks((mac) => mac)
  let former = 0
  watch(
    20,
    (index, port) => {
      if (index === 3) for (const mac of ['b', 'a', 'a']) looks.captured({ kind: 'claims', mac })
      if (index === 5) looks.captured({ kind: 'accepts', mac: 'a', port: former })
      former = port
    },
    looks,
  )
  const seen = looks.take().looks.filter(({ arp, accepts }) => arp.length + accepts.length > 0)
  assert.deepEqual(seen, [
    { at: 30, arp: ['a', 'b'], accepts: [], order: ['b', 'a'] },
    { at: 40, arp: [], accepts: ['a'], order: ['a'] },
  ])
})

test('a look is told once, when the capture is five looks further', () => {
  const looks = watch(7, () => undefined)
  assert.deepEqual(
    looks.take().looks.map(({ at }) => at),
    [0, 10],
  )
  assert.deepEqual(looks.take().looks, [])
})

test('while the capture is behind, nothing is told', () => {
  const looks = createLooks((mac) => mac)
  const ports = Array.from({ length: 10 }, (_, index) => looks.ask(index * 10))
  assert.deepEqual(looks.take().looks, [])
  for (const port of ports) looks.captured({ kind: 'asked', port })
  assert.equal(looks.take().looks.length, 5)
})

test('ports come round again without confusing old answers with new ones', () => {
  const looks = createLooks((mac) => mac)
  let oldest: number | undefined
  watch(
    30_010,
    (index, port) => {
      oldest ??= port
      if (index === 20_000) looks.captured({ kind: 'accepts', mac: 'late', port: oldest })
      if (index === 30_000) looks.captured({ kind: 'accepts', mac: 'new', port: oldest })
    },
    looks,
  )
  const accepted = looks.take().looks.filter(({ accepts }) => accepts.length > 0)
  assert.deepEqual(accepted, [{ at: 300_000, arp: [], accepts: ['new'], order: ['new'] }])
})

test('announcements are told with the time of the look they fall into', () => {
  const looks = createLooks(() => 'web1')
  watch(3, (index) => index === 1 && looks.captured({ kind: 'announces', mac: 'x' }), looks)
  assert.deepEqual(looks.take().announcements, [{ at: 10, box: 'web1' }])
})
