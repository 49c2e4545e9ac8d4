import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attempt } from './move-process.ts'
import { type Box, createMoveLan, type Host, on, PORT, VIP } from './move-support.ts'

const MOVES = 100
const EVERY_MS = 5
/** A SYN is sent again after 1 s. On a busy machine the client itself may take long to see that it is connected. */
const SLOW = 1_000_000

type Tenure = { readonly box: string; readonly from: number; to: number }

/** The sequence of a planned move, as two engines that talk to each other go through it. */
async function move(from: Box, to: Box, tenures: Tenure[]): Promise<void> {
  to.at.ip('neigh', 'flush', 'dev', 'e0')
  await on(to).bind()
  await on(to).admit(from)
  const { done } = await on(from).handOn(to)
  const last = tenures.at(-1)
  if (last !== undefined) last.to = done
  tenures.push({ box: to.name, from: await on(to).now(), to: Number.POSITIVE_INFINITY })
  await on(to).open()
  await on(to).announce()
  await new Promise((resolve) => setTimeout(resolve, 20))
  await on(from).unbind()
}

const storm = (host: Host, every: number, patience: number) => host.agent.call('storm', VIP, PORT, every, patience)
const calm = async (host: Host) => (await host.agent.call('calm')) as readonly Attempt[]

test(`${MOVES} moves: no connection waits for a second SYN, and never do two boxes accept`, async (t) => {
  await using lan = await createMoveLan()
  const { a, b, client } = lan
  const witnesses = [a, b].map((box) => {
    const host = lan.addHost()
    lan.pin(host, box)
    return { host, box: box.name }
  })
  for (const box of [a, b]) await on(box).prepare()
  await on(a).bind()
  const tenures: Tenure[] = [{ box: 'a', from: await on(a).now(), to: Number.POSITIVE_INFINITY }]
  await on(a).open()
  await storm(client, EVERY_MS, 3_000)
  for (const { host } of witnesses) await storm(host, EVERY_MS, 300)
  for (let count = 0; count < MOVES; count += 1) {
    const [from, to] = count % 2 === 0 ? [a, b] : [b, a]
    await move(from, to, tenures)
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  const all = await calm(client)
  const seen = await Promise.all(witnesses.map(async ({ host, box }) => ({ box, tries: await calm(host) })))

  const took = all.map(({ at, connected }) => (connected ?? Number.POSITIVE_INFINITY) - at)
  const cut = all.filter(({ connected, error }) => connected !== undefined && error !== undefined)
  t.diagnostic(`${all.length} connections, the slowest ${Math.max(...took) / 1_000} ms, cut later: ${cut.length}`)
  assert.ok(all.length > MOVES * 10)
  assert.equal(await client.agent.call('repeatedSyns'), 0)
  assert.deepEqual(
    all.filter((_, index) => (took[index] ?? 0) > SLOW),
    [],
    'connections that were slow or not made',
  )

  for (const { box, tries } of seen) {
    const direct = tries.filter(({ by }) => by === box)
    t.diagnostic(`straight to ${box}: ${tries.length}, accepted there ${direct.length}`)
    assert.ok(direct.length > MOVES)
    const own = tenures.filter((tenure) => tenure.box === box)
    const strange = direct.filter(
      ({ at, connected }) => !own.some(({ from, to }) => at <= to && (connected ?? 0) >= from),
    )
    assert.deepEqual(strange, [], `accepted by ${box} while it was not the holder`)
  }
})
