import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Status } from '../../src/control/messages.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { entered, logged } from './support/pair.ts'
import { newKey, reload, startPeers, untilMet, untilStatus, writeKey } from './support/peers.ts'

const LIMIT_MS = 15_000

const warnsOfKey = ({ warnings }: Status): boolean =>
  warnings.some(({ code, message }) => code === 'peer.key' && /another key: copy the same key file/.test(message))

test('another key on one box: VRRP goes on, both say it, and a reload with the right key mends it without a move', async (context) => {
  const key = newKey()
  await using peers = await startPeers({ keys: { web1: key, web2: newKey() } })
  const { web1, web2, witness, client } = peers
  for (const box of [web1, web2]) {
    await box.engine().log.until(logged('peer.key'))
    await untilStatus(box, 'a warning about the key', warnsOfKey)
  }
  // VRRP as without a channel.
  const died = monotonicMs()
  await web1.engine().stop()
  await witness.settled(['web2'], died, LIMIT_MS)
  web1.startEngine()
  await web1.engine().log.until(entered('MASTER'))
  await witness.settled(['web1'], died, LIMIT_MS)
  assert.equal((await witness.viewSince(died)).twoMs, 0)

  const mended = monotonicMs()
  await writeKey(web2, key)
  await reload(web2)
  await untilMet([web1, web2])
  await untilStatus(web1, 'no warning', (status) => !warnsOfKey(status), 15_000)
  await untilStatus(web2, 'no warning', (status) => !warnsOfKey(status), 15_000)
  const [held, served] = [await witness.viewSince(mended), await client.viewSince(mended)]
  context.diagnostic(JSON.stringify({ ...held, held: undefined, served }))
  assert.deepEqual([held.twoMs, held.noneMs, served.lost, served.path], [0, 0, 0, ['web1']])
})
