import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, type Step, takeSteps } from '../../../src/engine/gate/step.ts'
import { createTurns } from '../../../src/engine/gate/turns.ts'
import type { NetlinkSocket } from '../../../src/engine/io/netlink.ts'
import type { BatchReply } from '../../../src/engine/io/netlink-exchange.ts'
import { err, ok } from '../../../src/shared/result.ts'

/** A step that stands for its name alone: one request whose type is the length of the name. */
const stepOf = (name: string): Step & { readonly name: string } => ({
  name,
  ask: () => ok([{ type: name.length, flags: 0, payload: new Uint8Array() }]),
  answered: (reply) => (reply.ok ? reply : err(`${name}: ${reply.error.code}`)),
})

/** What goes together waits until the test lets it go on. */
function stage() {
  const taken: string[][] = []
  const gates: (() => void)[] = []
  const turns = createTurns(async (steps) => {
    taken.push(steps.map((step) => (step as ReturnType<typeof stepOf>).name))
    await new Promise<void>((resolve) => gates.push(resolve))
    return steps.map(() => ok(undefined))
  })
  const answers: string[] = []
  const ask = (kind: 'open' | 'close' | 'move', owner: string) =>
    turns
      .step(owner, kind, () => stepOf(`${kind} ${owner}`))
      .then((answer) => {
        answers.push(`${kind} ${owner}: ${answer.ok ? 'done' : answer.error}`)
      })
  const goOn = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve))
    gates.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { turns, taken, answers, ask, goOn }
}

test('what is asked for in one turn of the event loop goes together, each with an answer of its own', async () => {
  const { taken, answers, ask, goOn } = stage()
  for (const owner of ['a', 'b', 'c']) void ask('open', owner)
  await goOn()
  assert.deepEqual(taken, [['open a', 'open b', 'open c']])
  assert.deepEqual(answers, ['open a: done', 'open b: done', 'open c: done'])
})

test('a closing goes before the openings that wait, and those of its owner are not made any more', async () => {
  const { taken, answers, ask, goOn } = stage()
  void ask('open', 'a')
  await new Promise((resolve) => setImmediate(resolve))
  for (const owner of ['b', 'c']) void ask('open', owner)
  void ask('close', 'c')
  void ask('open', 'd')
  await goOn()
  await goOn()
  await goOn()
  assert.deepEqual(taken, [['open a'], ['close c'], ['open b', 'open d']])
  assert.match(answers.find((each) => each.startsWith('open c')) ?? '', /closed before it was opened/)
})

test('what is opened after a closing is open, and a move keeps its place', async () => {
  const { taken, ask, goOn } = stage()
  void ask('close', 'a')
  void ask('open', 'a')
  void ask('move', 'b')
  void ask('close', 'b')
  for (let count = 0; count < 4; count += 1) await goOn()
  assert.deepEqual(taken, [['close a'], ['open a', 'move b'], ['close b']])
})

test('a second opening of one owner waits for the next transaction', async () => {
  const { taken, ask, goOn } = stage()
  for (const owner of ['a', 'b', 'a']) void ask('open', owner)
  await goOn()
  await goOn()
  assert.deepEqual(taken, [['open a', 'open b'], ['open a']])
})

test('what is done alone is done alone, in its place; what it throws is its own', async () => {
  const { turns, taken, ask, goOn } = stage()
  void ask('open', 'a')
  const alone = turns.alone(async () => {
    taken.push(['alone'])
    throw new Error('a bug')
  })
  void ask('close', 'b')
  void ask('open', 'b')
  const caught = assert.rejects(alone, /a bug/)
  for (let count = 0; count < 4; count += 1) await goOn()
  await caught
  assert.deepEqual(taken, [['open a'], ['alone'], ['close b'], ['open b']])
})

/** Refuses transactions that hold a request of this type; how many requests each had. */
function kernelThatRefuses(type: number, code: string) {
  const sizes: number[] = []
  const socket: NetlinkSocket = {
    transact: () => assert.fail(),
    transactBatch: async (requests): Promise<BatchReply> => {
      sizes.push(requests.length - 2)
      const at = requests.findIndex((each, index) => index > 0 && each.type === type)
      return at < 0 ? ok(undefined) : err({ code, message: code, at })
    },
    port: 1,
    close: () => undefined,
  }
  return { socket, sizes }
}

const described = (answers: readonly Answer[]) => answers.map((answer) => (answer.ok ? 'done' : answer.error))

test('what the kernel refuses of one does not hinder the others', async () => {
  const { socket, sizes } = kernelThatRefuses(3, 'ENOENT')
  const answers = await takeSteps(socket, [stepOf('a'), stepOf('bad'), stepOf('bb')])
  assert.deepEqual(described(answers), ['done', 'bad: ENOENT', 'done'])
  assert.deepEqual(sizes, [3, 1, 1, 1])
})

test('a kernel that does not answer is not asked for each of them again', async () => {
  const { socket, sizes } = kernelThatRefuses(1, 'ETIMEDOUT')
  const answers = await takeSteps(socket, [stepOf('a'), stepOf('bb')])
  assert.deepEqual(described(answers), ['a: ETIMEDOUT', 'bb: ETIMEDOUT'])
  assert.deepEqual(sizes, [2])
})

test('hundreds take a few transactions, and a step that is not asked for has its answer', async () => {
  const { socket, sizes } = kernelThatRefuses(99, '')
  const late: Step = { ask: () => err('too late'), answered: () => assert.fail() }
  const answers = await takeSteps(socket, [late, ...Array.from({ length: 255 }, () => stepOf('a'))])
  assert.deepEqual(sizes, [63, 64, 64, 64])
  assert.deepEqual(described(answers).slice(0, 2), ['too late', 'done'])
})
