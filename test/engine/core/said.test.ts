import assert from 'node:assert/strict'
import { test } from 'node:test'
import { andMore, forget, type Said, say } from '../../../src/engine/core/said.ts'
import { fromSeconds, type Micros, ZERO } from '../../../src/shared/units.ts'
import { createNode, planFor, WEB2 } from './support.ts'

/** Says things at seconds, and collects what comes out. */
function sayer() {
  let said: Said | undefined
  const lines: string[] = []
  const at = (second: number, what: string): void => {
    const saying = say(said, what, fromSeconds(second))
    said = saying.said
    if (saying.line !== undefined) lines.push(`${what}${andMore(saying.line.more)}`)
  }
  const again = (): void => {
    said = said && forget(said)
  }
  return { at, again, lines, said: () => said }
}

test('five lines at once, then one each minute that says how many there were', () => {
  const { at, lines } = sayer()
  for (let i = 0; i < 1_000; i += 1) at(i / 10, `sender ${i}`)
  assert.deepEqual(lines.slice(0, 5), ['sender 0', 'sender 1', 'sender 2', 'sender 3', 'sender 4'])
  assert.equal(lines.length, 6)
  assert.match(lines[5] ?? '', /^sender 60\d \(and 59\d more like it\)$/)
})

test('what was just said is not said again until forgotten, and costs nothing', () => {
  const { at, again, lines } = sayer()
  for (let second = 0; second < 10_000; second += 1) at(second, second % 2 === 0 ? 'a' : 'b')
  assert.deepEqual(lines, ['a', 'b'])
  again()
  at(10_000, 'a')
  assert.deepEqual(lines, ['a', 'b', 'a'])
})

test('forgetting gives no more lines, quiet minutes do; little is remembered', () => {
  const { at, again, lines, said } = sayer()
  for (let i = 0; i < 100; i += 1) {
    again()
    at(0, `sender ${i}`)
  }
  assert.equal(lines.length, 5)
  for (let i = 0; i < 100; i += 1) at(600, `${i}`)
  assert.equal(lines.length, 10)
  assert.equal(said()?.recent.length, 5)
})

test('notices that differ in every advert make few lines, whatever the state does', () => {
  const node = createNode(planFor('web1'))
  node.ready()
  const { router } =
    node.state().instances.get('www') === undefined ? assert.fail() : (planFor('web1').instances[0] ?? assert.fail())
  for (let i = 1; i <= 200; i += 1) {
    const interval = ((i + 200) * 10_000) as Micros
    const { version, vrid, addresses } = router
    node.send({
      kind: 'advert',
      id: 0,
      instance: 'www',
      from: WEB2,
      advert: { version, vrid, priority: 160, interval, addresses },
    })
  }
  const codes = node.actions.flatMap((action) => (action.kind === 'log' ? [action.record.code] : []))
  assert.equal(codes.filter((code) => code === 'vrrp.interval-differs').length, 5)
})

test('nor do senders that are no nodes', () => {
  const node = createNode(planFor('web1'))
  node.ready()
  for (let i = 1; i <= 200; i += 1) {
    node.send({ kind: 'stranger', instance: 'www', from: `198.51.100.${i}` as typeof WEB2 })
  }
  const codes = node.actions.flatMap((action) => (action.kind === 'log' ? [action.record.code] : []))
  assert.equal(codes.filter((code) => code === 'vrrp.stranger').length, 5)
})

test('the clock may start anywhere', () => {
  assert.deepEqual(say(undefined, 'x', ZERO).line, { more: 0 })
})
