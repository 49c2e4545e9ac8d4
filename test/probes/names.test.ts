import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddresses } from '../../src/probes/look-up.ts'
import { createNames, type Found, type Names } from '../../src/probes/names.ts'
import type { Result } from '../../src/shared/result.ts'

type Answer = Result<readonly Found[], string>

/** A resolver by hand: who asks waits until it is told. */
function stage() {
  let time = 0
  const asked: string[] = []
  const open = new Map<string, (answer: Answer) => void>()
  const ask = (name: string): Promise<Answer> => {
    asked.push(name)
    return new Promise((resolve) => open.set(name, resolve))
  }
  const names = createNames(ask, () => time)
  const tell = async (name: string, answer: Answer): Promise<void> => {
    open.get(name)?.(answer)
    await turn()
  }
  const pass = (ms: number): void => {
    time += ms
  }
  return { asked, names, tell, pass }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const at = (address: string): Answer => ({ ok: true, value: [{ address, family: 4 }] })
const failed = (error: string): Answer => ({ ok: false, error })

/** What a connection is told; undefined: it waits. */
async function look({ lookup }: Names, name: string): Promise<string | undefined> {
  let told: string | undefined
  lookup(name, {}, (error, address) => {
    told = error?.message ?? String(address)
  })
  await turn()
  return told
}

test('an address that was found is used on while the resolver hangs', async () => {
  const { asked, names, tell, pass } = stage()
  assert.equal(await look(names, 'store.example'), undefined)
  await tell('store.example', at('192.0.2.1'))
  assert.equal(await look(names, 'store.example'), '192.0.2.1')
  assert.deepEqual(asked, ['store.example'], 'it is fresh')
  pass(60_000)
  assert.equal(await look(names, 'store.example'), '192.0.2.1')
  pass(60_000)
  assert.equal(await look(names, 'store.example'), '192.0.2.1')
  assert.deepEqual(asked, ['store.example', 'store.example'], 'one look-up hangs, and no further one is begun')
  assert.equal(names.trouble('store.example'), undefined)
  await tell('store.example', failed('no answer from the resolver'))
  assert.equal(await look(names, 'store.example'), '192.0.2.1')
})

test('a new address is used as soon as it is known', async () => {
  const { names, tell, pass } = stage()
  await look(names, 'store.example')
  await tell('store.example', at('192.0.2.1'))
  pass(60_000)
  await look(names, 'store.example')
  await tell('store.example', at('192.0.2.2'))
  assert.equal(await look(names, 'store.example'), '192.0.2.2')
})

test('a name that was never found: the trouble is the resolver, not the server', async () => {
  const { asked, names, tell, pass } = stage()
  await look(names, 'store.example')
  const trouble = 'the name store.example cannot be looked up: no answer from the resolver'
  assert.equal(names.trouble('store.example'), trouble)
  await tell('store.example', failed('no answer from the resolver'))
  assert.equal(await look(names, 'store.example'), trouble, 'told at once, and not asked again at once')
  assert.deepEqual(asked.length, 1)
  pass(2_000)
  assert.equal(await look(names, 'store.example'), undefined)
  assert.deepEqual(asked.length, 2)
})

test('few look-ups run at a time, and what is not known yet comes first', async () => {
  const { asked, names, tell, pass } = stage()
  await look(names, 'known')
  await tell('known', at('192.0.2.1'))
  pass(60_000)
  const hanging = Array.from({ length: 8 }, (_, index) => `hangs-${index}`)
  for (const name of hanging) await look(names, name)
  await look(names, 'known')
  await look(names, 'new')
  assert.deepEqual(asked, ['known', ...hanging])
  await tell('hangs-0', failed('no answer from the resolver'))
  await tell('hangs-1', failed('no answer from the resolver'))
  assert.deepEqual(asked.slice(9), ['new', 'known'])
})

test('names that will be needed are known before', async () => {
  const { asked, names, tell } = stage()
  names.know(['store.example'])
  assert.deepEqual(asked, ['store.example'])
  await tell('store.example', at('192.0.2.1'))
  assert.equal(await look(names, 'store.example'), '192.0.2.1')
  names.know([])
})

test("the system's answer: each address once, in its order", () => {
  const text = '2001:db8::1     STREAM store.example\n2001:db8::1     DGRAM\n192.0.2.1       STREAM\n\nnonsense\n'
  assert.deepEqual(parseAddresses(text), [
    { address: '2001:db8::1', family: 6 },
    { address: '192.0.2.1', family: 4 },
  ])
})
