import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Lab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { startProcess } from '../../src/lab/process.ts'
import { startPeers } from './support/peers.ts'
import { type Resolver, startResolver } from './support/resolver.ts'

/** A resolver that swallows all queries while everything that is asked goes by a name. */

const LASTS_MS = 8_000
const LIMIT_MS = 20_000

async function startStore(lab: Lab): Promise<void> {
  const { namespace, address } = lab.host('store')
  const argv = [process.execPath, join(import.meta.dirname, 'support/lease-store.ts'), address]
  await startProcess({ name: 'store', namespace, argv, logFile: join(lab.directory, 'store.log') }).log.until(/http/)
}

test('a resolver that hangs: nothing moves, the other one gets the lease of a dead holder, and the stop is quick', async (context) => {
  let resolver: Resolver | undefined
  context.after(() => resolver?.forget())
  await using peers = await startPeers({
    others: ['store', 'resolver'],
    prepare: async (lab) => {
      resolver = await startResolver(lab, lab.host('store').address)
      await startStore(lab)
    },
    service: {
      probes: [{ http: { url: 'http://127.0.0.1/healthz' } }, { tcp: { host: 'backend.example', port: 8112 } }],
    },
    document: {
      witness: [
        { name: 'store', lease: { http: 'http://store.example:8112/leases', ttl: '2s' }, timeout: '500ms' },
        { name: 'gateway', tcp: 'gateway.example:8112', interval: '500ms', timeout: '300ms' },
      ],
    },
  })
  const { web1, web2, witness, client } = peers
  const from = monotonicMs()
  await resolver?.hang()
  await delay(LASTS_MS)
  const view = await witness.viewSince(from)
  context.diagnostic(`hangs: ${JSON.stringify(view)}`)
  assert.deepEqual([view.noneMs, view.twoMs, Object.keys(view.held)], [0, 0, ['web1']])

  const died = monotonicMs()
  web1.engine().signal('SIGKILL')
  const taken = await witness.settled(['web2'], died, LIMIT_MS)
  context.diagnostic(`the holder died: the other one holds after ${Math.round(taken - died)} ms`)
  assert.ok(taken - died < 4_000, `${taken - died} ms`)
  await client.servedBy('web2', died)

  const stopped = monotonicMs()
  await web2.engine().stop()
  const took = monotonicMs() - stopped
  context.diagnostic(`the stop took ${Math.round(took)} ms`)
  assert.ok(took < 1_500, `${took} ms`)
})
