import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Box } from '../../src/lab/box.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { inNamespace, ipBatch, runOrThrow } from '../../src/lab/run.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { VIP } from './support/config.ts'
import { anyStateChange, logged, startPair, untilHolders } from './support/pair.ts'

/** Somebody takes away what a master stands on and puts the same back at once. Nobody else may become master of that. */

/** Runs `disturb` on the box that holds, twice, and looks who served meanwhile. */
async function undisturbed(
  disturb: (namespace: string, own: string) => Promise<unknown>,
  mended: (box: Box, before: number) => Promise<unknown>,
) {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const { namespace, address } = web1.host
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  const from = monotonicMs()
  const changes = [web1, web2].map((box) => box.engine().log.count(anyStateChange))
  for (let round = 1; round <= 2; round += 1) {
    const before = web1.engine().log.position()
    await disturb(namespace, `${address}/24`)
    await mended(web1, before)
    await untilHolders(pair, ['web1'])
  }
  await client.servedBy('web1', monotonicMs())
  const view = await client.viewSince(from)
  assert.deepEqual(view.path, ['web1'], JSON.stringify(view))
  assert.ok(view.outageMs < 400, JSON.stringify(view))
  assert.deepEqual(
    [web1, web2].map((box) => box.engine().log.count(anyStateChange)),
    changes,
  )
  const addresses = await runOrThrow(['ip', '-n', namespace, '-4', 'addr', 'show', 'dev', INTERFACE])
  assert.doesNotMatch(addresses, new RegExp(`${address}/24.*secondary`), 'the own address is first again')
}

const said = (what: RegExp) => (box: Box, after: number) => box.engine().log.until(what, { after })

/** haup's address has an end, another's has none. A renewal may take it back before its loss is seen, and says nothing. */
async function untilOurs({ host }: Box): Promise<void> {
  const deadline = monotonicMs() + 2_000
  const show = ['ip', '-n', host.namespace, '-4', 'addr', 'show', 'dev', INTERFACE]
  for (;;) {
    const lifetime = (await runOrThrow(show)).split(`inet ${VIP}/`)[1]?.match(/valid_lft (\w+)/)?.[1]
    if (lifetime !== undefined && lifetime !== 'forever') return
    assert.ok(monotonicMs() < deadline, `${VIP} has the lifetime ${lifetime}`)
  }
}

test('a flushed ruleset', () =>
  undisturbed(
    (namespace) => runOrThrow(inNamespace(namespace, ['nft', 'flush', 'ruleset'])),
    said(logged('gate.restored')),
  ))

test('an interface that is flushed and gets its own address back', () =>
  undisturbed(
    (namespace, own) => ipBatch(namespace, [`addr flush dev ${INTERFACE}`, `addr replace ${own} dev ${INTERFACE}`]),
    // Which of the two has been seen to be gone is a matter of microseconds.
    said(/"code":"(source\.back|vip\.restored)"/),
  ))

test('a virtual address that is deleted and set again without its mark', () =>
  undisturbed(
    (namespace) =>
      ipBatch(namespace, [`addr del ${VIP}/24 dev ${INTERFACE}`, `addr replace ${VIP}/24 dev ${INTERFACE}`]),
    untilOurs,
  ))
