import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { anyStateChange, logged } from './support/pair.ts'
import { startPeers, untilStatus } from './support/peers.ts'

/** The lowest number that no descriptor of the process has. */
async function lowestFree(pid: number): Promise<number> {
  const taken = new Set((await readdir(`/proc/${pid}/fd`)).map(Number))
  let free = 0
  while (taken.has(free)) free += 1
  return free
}

const limit = (pid: number, soft: number): void =>
  void execFileSync('prlimit', ['--pid', String(pid), `--nofile=${soft}:`])

test('an engine that gets no descriptor any more holds on, says so once, and works again when it gets some', async () => {
  const probes = [{ http: { url: 'http://127.0.0.1/healthz' } }, { command: { argv: ['/bin/true'] } }]
  await using peers = await startPeers({ service: { probes } })
  const { web1, witness } = peers
  const { pid, log } = web1.engine()
  const [from, seen, changes] = [monotonicMs(), log.position(), log.count(anyStateChange)]
  limit(pid, await lowestFree(pid))
  await log.until(logged('service.blind'), { after: seen })
  web1.engine().signal('SIGHUP')
  await log.until(logged('config.refused'), { after: seen })
  // It can accept no one.
  await assert.rejects(web1.status())
  await delay(1_000)
  assert.equal(log.count(logged('service.blind')), 1)
  limit(pid, 4_096)
  await log.until(/"code":"service.blind".*again/, { after: seen })
  await untilStatus(web1, 'the same engine', (status) => status.pid === pid)
  assert.equal(log.count(anyStateChange), changes)
  const view = await witness.viewSince(from)
  assert.deepEqual([view.noneMs, view.twoMs, Object.keys(view.held)], [0, 0, ['web1']], JSON.stringify(view))
})
