import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InstancePlan } from '../../src/engine/core/types.ts'
import { createLanAsker, type LanAnswer } from '../../src/engine/lan-asker.ts'
import type { Ipv4 } from '../../src/shared/ip.ts'
import { planFor } from './core/support.ts'
import { createVirtualTime } from './support/virtual-time.ts'

const www = planFor('web1').instances[0] as InstancePlan
const mail: InstancePlan = {
  ...www,
  name: 'mail',
  peers: www.peers.map((each) => ({ ...each, name: 'web3', address: '192.0.2.77' as Ipv4 })),
}
const elsewhere: InstancePlan = { ...www, name: 'elsewhere', interface: 'eth9' }

function stage() {
  const time = createVirtualTime()
  const questions: { readonly name: string; readonly exclude: readonly Ipv4[]; answer: (lan: LanAnswer) => void }[] = []
  const ask = createLanAsker({
    reach: {
      check: () => assert.fail('no target'),
      lanReach: (name, exclude) => new Promise((answer) => questions.push({ name, exclude, answer })),
      close: () => undefined,
    },
    instances: () => [www, mail, elsewhere],
    clock: time.clock(),
  })
  return { ask, questions, time }
}

test('instances that ask at a time share one question for their interface, which excludes what belongs to any of them', async () => {
  const { ask, questions } = stage()
  const answers = Promise.all([ask(www), ask(mail), ask(elsewhere)])
  assert.deepEqual(
    questions.map(({ name }) => name),
    [www.interface, 'eth9'],
  )
  assert.ok(questions[0]?.exclude.includes('192.0.2.77' as Ipv4))
  for (const { answer } of questions) answer('reached')
  assert.deepEqual(await answers, ['reached', 'reached', 'reached'])
})

test('the next question waits a moment, and those that come meanwhile share it', async () => {
  const { ask, questions, time } = stage()
  const first = ask(mail)
  questions[0]?.answer('dark')
  assert.equal(await first, 'dark')
  const second = Promise.all([ask(mail), ask(www)])
  assert.equal(questions.length, 1)
  await time.run(0.1, () => undefined)
  assert.equal(questions.length, 2)
  questions[1]?.answer('reached')
  assert.deepEqual(await second, ['reached', 'reached'])
  await time.run(1, () => undefined)
  void ask(mail)
  assert.equal(questions.length, 3, 'after a while at once')
})

test('a question that fails is asked anew by the next one', async () => {
  const time = createVirtualTime()
  let asked = 0
  const ask = createLanAsker({
    reach: {
      check: () => assert.fail('no target'),
      lanReach: async () => {
        asked += 1
        throw new Error('a bug')
      },
      close: () => undefined,
    },
    instances: () => [mail],
    clock: time.clock(),
  })
  await assert.rejects(ask(mail), /a bug/)
  await time.run(0.1, () => undefined)
  await assert.rejects(ask(mail), /a bug/)
  assert.equal(asked, 2)
})
