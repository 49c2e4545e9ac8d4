import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildLab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { inNamespace, runOrThrow } from '../../src/lab/run.ts'
import { startWitness } from '../../src/lab/witness.ts'
import { configure, type PairOptions, VIP } from './support/config.ts'
import { entered, logged } from './support/pair.ts'

/** A pair of which web1 holds the address, and a witness that looks from the LAN every 10 ms. */
async function startWatched(options: PairOptions = {}) {
  const lab = await buildLab({ boxes: ['web1', 'web2'], others: ['witness'] })
  await configure(lab, options)
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  await web1.startEngine().log.until(entered('MASTER'))
  await web2.startEngine().log.until(entered('BACKUP'))
  const witness = await startWitness(lab.host('witness'), [web1.host, web2.host], VIP)
  await witness.settled(['web1'], 0, 5_000)
  return {
    web1,
    web2,
    witness,
    nft: (...args: readonly string[]) => runOrThrow(inNamespace(web1.host.namespace, ['nft', ...args])),
    [Symbol.asyncDispose]: async () => {
      await witness.stop()
      await lab[Symbol.asyncDispose]()
    },
  }
}

test('a master that hangs is silenced by its kernel before another claims, and is silent when it wakes up', async () => {
  await using pair = await startWatched({ instance: { preempt: false } })
  const { web1, witness } = pair
  const hung = monotonicMs()
  web1.engine().signal('SIGSTOP')
  await witness.settled(['web2'], hung, 5_000)
  const woken = monotonicMs()
  web1.engine().signal('SIGCONT')
  await web1.engine().log.until(entered('BACKUP'))
  await witness.settled(['web2'], woken, 5_000)
  const view = await witness.viewSince(hung)
  assert.equal(view.twoMs, 0, JSON.stringify(view))
})

test('a master whose adverts do not go out any more closes and lets go, though its engine is well', async () => {
  await using pair = await startWatched()
  const { web1, web2, witness, nft } = pair
  const cut = monotonicMs()
  // The kernel refuses them: others stop waiting for this master, and it must see that it is none.
  await nft('add', 'table', 'ip', 'cut')
  await nft('add', 'chain', 'ip', 'cut', 'output', '{ type filter hook output priority 0; }')
  await nft('add', 'rule', 'ip', 'cut', 'output', 'ip', 'daddr', '224.0.0.18', 'drop')
  await web1.engine().log.until(entered('INIT'))
  await web2.engine().log.until(entered('MASTER'))
  await witness.settled(['web2'], cut, 5_000)
  const view = await witness.viewSince(cut)
  assert.equal(view.twoMs, 0, JSON.stringify(view))
  const { state, reason } = (await web1.status()).instances[0] ?? assert.fail('no instance')
  assert.deepEqual([state, reason.replace(/:.*/, '')], ['FAULT', 'adverts cannot be sent on eth0'])
  const { announcements } = witness
  const first = view.held.web2?.[0]?.from ?? 0
  assert.deepEqual(
    announcements.filter(({ at, box }) => box === 'web1' && at > first),
    [],
    'it does not announce what it does not answer for',
  )

  const seen = web2.engine().log.position()
  const mended = monotonicMs()
  await nft('delete', 'table', 'ip', 'cut')
  await web2.engine().log.until(entered('BACKUP'), { after: seen })
  // It tries again after ten seconds.
  await witness.settled(['web1'], mended, 20_000)
})

test('a master that is killed is silent at once, and the next to claim is alone', async () => {
  await using pair = await startWatched()
  const { web1, witness } = pair
  const killed = monotonicMs()
  web1.engine().signal('SIGKILL')
  await witness.settled(['web2'], killed, 5_000)
  const view = await witness.viewSince(killed)
  assert.equal(view.twoMs, 0, JSON.stringify(view))
  const last = view.held.web1?.at(-1)?.to ?? killed
  assert.ok(last - killed < 150, `web1 answered for ${last - killed} ms after its death`)
})

test('somebody flushes the ruleset: said, put back, and no request is refused for long', async () => {
  await using pair = await startWatched()
  const { web1, witness, nft } = pair
  const flushed = monotonicMs()
  await nft('flush', 'ruleset')
  await web1.engine().log.until(logged('gate.restored'))
  assert.match(String(await nft('list', 'table', 'inet', 'haup')), /haup gate/)
  await witness.settled(['web1'], flushed, 5_000)
  const view = await witness.viewSince(flushed)
  assert.ok(view.longestNoneMs < 100, JSON.stringify(view))
})

test('somebody flushes the ruleset again and again: it is there in the end, in few lines', async () => {
  await using pair = await startWatched()
  const { web1, witness, nft } = pair
  const { log } = web1.engine()
  const seen = log.count(/"code":"gate\./)
  for (let flushed = 0; flushed < 60; flushed += 1) await nft('flush', 'ruleset')
  const last = monotonicMs()
  while (!String(await nft('list', 'tables')).includes('table inet haup\n')) {
    assert.ok(monotonicMs() - last < 5_000, 'it is put back')
  }
  await witness.settled(['web1'], last, 5_000)
  const lines = log.count(/"code":"gate\./) - seen
  assert.ok(lines >= 2 && lines < 40, `${lines} lines`)
  assert.deepEqual((await web1.status()).warnings, [])
})

test('an engine that stops leaves nothing behind; so does cleanup after one that was killed', async () => {
  await using pair = await startWatched()
  const { web1, witness, nft } = pair
  const promotes = async () =>
    (
      await runOrThrow(inNamespace(web1.host.namespace, ['sysctl', '-n', 'net.ipv4.conf.eth0.promote_secondaries']))
    ).trim()
  assert.equal(await promotes(), '1')
  const stopped = monotonicMs()
  await web1.engine().stop()
  await witness.settled(['web2'], stopped, 5_000)
  const view = await witness.viewSince(stopped)
  assert.equal(view.twoMs, 0, JSON.stringify(view))
  assert.equal(String(await nft('list', 'ruleset')).trim(), '')
  assert.equal(await promotes(), '0')

  await web1.startEngine().log.until(entered('MASTER'))
  await witness.settled(['web1'], monotonicMs(), 5_000)
  web1.engine().signal('SIGKILL')
  await web1.engine().exited
  assert.match(String(await nft('list', 'tables')), /table inet haup\n/)
  assert.equal(await promotes(), '1')
  await web1.haup('cleanup')
  assert.equal(String(await nft('list', 'ruleset')).trim(), '')
  assert.equal(await promotes(), '0')
})

test('gate: off is a choice that status shows', async () => {
  await using pair = await startWatched({ instance: { gate: 'off' } })
  const { web1, nft } = pair
  assert.equal(String(await nft('list', 'ruleset')).trim(), '')
  const { warnings } = await web1.status()
  assert.match(JSON.stringify(warnings), /"gate.off","message":"www: gate is off/)
})

test('a table of that name that is not ours: said, and the address is held without a gate', async () => {
  const lab = await buildLab({ boxes: ['web1'], others: [] })
  await using _ = lab
  await configure(lab)
  const web1 = lab.box('web1')
  await runOrThrow(inNamespace(web1.host.namespace, ['nft', 'add', 'table', 'inet', 'haup']))
  await web1.startEngine().log.until(logged('gate.failed'))
  await web1.engine().log.until(entered('MASTER'))
  const { warnings, instances } = await web1.status()
  assert.match(JSON.stringify(warnings), /not fenced.*table inet haup exists and is not haup's/)
  assert.equal(instances[0]?.addresses[0]?.bound, true)
})
