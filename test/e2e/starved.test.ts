import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { startWitness } from '../../src/lab/witness.ts'
import { checkTwoHolders, type Fault } from '../chaos/support/bounds.ts'
import { VIP } from './support/config.ts'
import { startPair } from './support/pair.ts'
import { starve } from './support/starve.ts'

/** Long enough for many rounds of claiming, hanging and letting go. */
const STARVED_MS = 30_000

test('a master that gets no processor time never answers beside the other for long, and one holds when it is over', async (context) => {
  await using pair = await startPair({}, ['client', 'witness'])
  const { web1, web2 } = pair
  const witness = await startWitness(pair.host('witness'), [web1.host, web2.host], VIP)
  const client = pair.startClient(VIP)
  await witness.settled(['web1'], 0, 5_000)
  const from = monotonicMs()
  {
    await using starved = await starve(web1.engine().pid)
    context.diagnostic(starved.how)
    await delay(STARVED_MS)
  }
  const to = monotonicMs()
  // It has the better priority and is well again.
  await witness.settled(['web1'], to, 12_000)
  const view = await witness.viewSince(from)
  context.diagnostic(JSON.stringify({ witness: view, client: await client.viewSince(from) }))
  // What holds for one that hangs, over and over.
  const hangs: Fault = { kind: 'freeze', box: 'web1', from, to }
  assert.deepEqual(checkTwoHolders(view.two, [hangs]), [])
  assert.ok(Object.keys(view.held).includes('web2'), 'the other one has held meanwhile')
  await witness.stop()
})
