import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Direction, dropAdverts, passAdverts } from '../../src/lab/faults.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { logged } from './support/pair.ts'
import { startPeers, statusOf } from './support/peers.ts'

/** Protocol 112 does not pass, everything else does. Adverts are due each 100 ms: 10 s are a hundred of them. */

const LASTS_MS = 10_000

const CASES: readonly { name: string; master: readonly Direction[]; backup: readonly Direction[] }[] = [
  { name: 'from the master to the backup', master: [], backup: ['in'] },
  { name: 'from the backup to the master', master: ['in'], backup: [] },
  { name: 'both ways', master: ['in'], backup: ['in'] },
  { name: "by the master's own kernel", master: ['out'], backup: [] },
  { name: 'by both kernels, both ways', master: ['in', 'out'], backup: ['in', 'out'] },
]

for (const { name, master, backup } of CASES) {
  test(`adverts are dropped ${name}: one holder all the time, cause and fix are told`, async (context) => {
    await using peers = await startPeers()
    const { web1, web2, witness, client } = peers
    const from = monotonicMs()
    if (master.length > 0) await dropAdverts(web1.host, master)
    if (backup.length > 0) await dropAdverts(web2.host, backup)
    const isHidden = backup.includes('in') || master.includes('out')
    if (isHidden) {
      const line = await web2.engine().log.until(logged('peer.adverts-blocked'))
      assert.match(line, /web1 holds the addresses and is alive, but its adverts do not arrive: let IP protocol 112/)
      const { state, reason } = (await statusOf(web2)).instances[0] ?? assert.fail('no instance')
      assert.equal(state, 'BACKUP')
      assert.match(reason, /adverts do not arrive: let IP protocol 112 to 224\.0\.0\.18 pass/)
    }
    await delay(LASTS_MS)
    const healed = monotonicMs()
    for (const { host } of [web1, web2]) await passAdverts(host)
    if (isHidden) await web2.engine().log.until(logged('peer.adverts-back'))
    const view = await witness.viewSince(from)
    const served = await client.viewSince(from)
    context.diagnostic(
      `adverts dropped ${name}: ${JSON.stringify({ ...view, held: undefined, served, lasted: healed - from })}`,
    )
    assert.deepEqual([view.twoMs, served.lost, served.path], [0, 0, ['web1']])
  })
}
