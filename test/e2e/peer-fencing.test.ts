import assert from 'node:assert/strict'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Lab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { splitHosts } from './support/lines.ts'
import { entered, logged } from './support/pair.ts'
import { startPeers } from './support/peers.ts'

/** The command says how it was called, and ends as it is told. */

const LIMIT_MS = 15_000

const programOf = ({ directory }: Lab): string => join(directory, 'fence')

const prepare =
  (ending: string) =>
  async (lab: Lab): Promise<void> => {
    await writeFile(programOf(lab), `#!/bin/sh\necho "$@" >> "$0.calls"\necho "switching off $1"\n${ending}\n`)
    await chmod(programOf(lab), 0o755)
  }

const startFenced = (ending: string) =>
  startPeers({
    together: true,
    prepare: prepare(ending),
    documentOf: (lab) => ({ fencing: { argv: [programOf(lab), '{node}', 'off'], timeout: '1s' } }),
  })

test('fencing that is confirmed comes before the claim', async (context) => {
  await using peers = await startFenced('exit 0')
  const { web1, web2, witness, topology } = peers
  const from = monotonicMs()
  const since = { after: web2.engine().log.position() }
  await splitHosts(topology, [web1.host], [web2.host])
  // What a power switch does.
  await web2.engine().log.until(/"code":"fence","message":"fencing web1: .*fence web1 off/, since)
  await web2.engine().log.until(/"code":"fence","message":"web1 is off: /, since)
  await web2.engine().log.until(entered('MASTER'), since)
  assert.match(await readFile(`${programOf(peers)}.calls`, 'utf8'), /^web1 off$/m)
  await witness.settled(['web1', 'web2'], from, LIMIT_MS)
  context.diagnostic('confirmed: claimed (the command of this test lies: two hold)')
})

for (const { name, ending, told } of [
  { name: 'fails', ending: 'exit 1', told: /fencing of web1 is not confirmed: / },
  { name: 'takes too long', ending: 'sleep 60', told: /fencing of web1 is not confirmed: .*1s/ },
]) {
  test(`fencing that ${name}: nothing is claimed, and it is said`, async (context) => {
    await using peers = await startFenced(ending)
    const { web1, web2, witness, client, topology } = peers
    const from = monotonicMs()
    // Whichever was up first may have held at the start.
    const since = { after: web2.engine().log.position() }
    await splitHosts(topology, [web1.host], [web2.host])
    const line = await web2.engine().log.until(told, since)
    context.diagnostic(line)
    assert.match(
      await web2.engine().log.until(logged('peer.claim-waits'), since),
      /web1 is silent, and its fencing is not confirmed/,
    )
    await client.servedSteadily(['web1'], monotonicMs(), LIMIT_MS)
    const { noneMs, held } = await witness.viewSince(from)
    assert.deepEqual([Object.keys(held), noneMs], [['web1'], 0])
    assert.equal(web2.engine().log.count(entered('MASTER'), since.after), 0)
  })
}
