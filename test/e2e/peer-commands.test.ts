import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import type { Status } from '../../src/control/messages.ts'
import type { Box } from '../../src/lab/box.ts'
import { dropAdverts, takeInterfaceDown } from '../../src/lab/faults.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { inNamespace, runOrThrow } from '../../src/lab/run.ts'
import { lifeOf, type Peers, startPeers, statusOf, untilStatus } from './support/peers.ts'

/** `haup failover` and `standby` between haup nodes: judged by the channel that carries them out, refused when nobody could. */

/** As a host's own firewall that lets in what belongs to known services only. */
async function dropMulticast({ host }: Box): Promise<void> {
  const rules = 'table ip fw { chain in { type filter hook input priority 0; ip daddr 224.0.0.0/4 drop; }; }\n'
  await runOrThrow(inNamespace(host.namespace, ['nft', '-f', '-']), { input: rules })
}

const CASES = [
  { name: 'multicast', command: 'failover', block: dropMulticast },
  { name: 'protocol 112', command: 'standby', block: ({ host }: Box) => dropAdverts(host, ['in']) },
] as const

/** Longer than a command may wait for an answer. */
const STAYS_MS = 4_000

for (const { name, command, block } of CASES) {
  test(`${name} arrives at neither box: ${command} moves the address and says so, nobody takes it back`, async () => {
    await using peers = await startPeers()
    const { web1, web2, witness, client } = peers
    for (const box of [web1, web2]) await block(box)
    await delay(1_000)
    const from = monotonicMs()
    const { code, outcome, node } = await ask(web1, command)
    assert.deepEqual([code, outcome, node], [0, 'taken-over', 'web2'])
    await witness.settled(['web2'], from, STAYS_MS)
    await delay(STAYS_MS)
    const [held, served] = [await witness.viewSince(from), await client.viewSince(from)]
    assert.deepEqual([held.twoMs, served.lost, served.path], [0, 0, ['web1', 'web2']])
    assert.equal((await statusOf(web1)).instances[0]?.state, 'BACKUP')
    const isSaid = ({ warnings }: Status): boolean => warnings.some((each) => each.code === 'peer.adverts-unheard')
    await untilStatus(web2, 'that its adverts reach nobody', isSaid)
  })
}

type Hindrance = { readonly name: string; readonly act: (peers: Peers) => Promise<unknown>; readonly why: RegExp }

/** Of a witness on a busy machine; letting go would take four intervals at least. */
const A_LATE_LOOK_MS = 100

/** What keeps web2 from taking over. */
const HINDRANCES: readonly Hindrance[] = [
  {
    name: 'its engine stopped',
    act: ({ web2 }) => web2.engine().stop(),
    why: /web2 cannot \(its engine has stopped\)/,
  },
  {
    name: 'its engine was killed',
    act: async ({ web1, web2 }) => {
      web2.engine().signal('SIGKILL')
      await untilStatus(web1, 'web2 dead', (status) => lifeOf(status, 'web2') === 'died')
    },
    why: /web2 cannot \(its engine (seems to have|has) died/,
  },
  {
    name: 'its interface went down',
    act: ({ web2 }) => takeInterfaceDown(web2.host),
    why: /web2 cannot \(FAULT: .*eth0/,
  },
  {
    name: 'its web server failed',
    act: async ({ web2 }) => {
      await web2.server.breakConfig()
      await web2.server.signal('SIGKILL')
    },
    why: /web2 cannot \(FAULT: nginx: /,
  },
  {
    name: 'it is in standby',
    act: ({ web2 }) => ask(web2, 'standby'),
    why: /web2 cannot \(put on standby by an administrator \(haup standby\)\)/,
  },
]

test('a hand-over that nobody could take is refused at once, and interrupts nobody', async (context) => {
  for (const { name, act, why } of HINDRANCES) {
    await using peers = await startPeers({ secondLine: true })
    const { web1, witness, client } = peers
    await act(peers)
    await untilStatus(web1, name, ({ instances: [www] }) => www?.candidates[0]?.readiness !== 'serves')
    const from = monotonicMs()
    for (const command of ['failover', 'standby']) {
      const { code, error } = await refusal(web1, command)
      assert.deepEqual([code, error.code], [3, 'takeover.nobody'], name)
      assert.match(error.message, why)
    }
    const took = monotonicMs() - from
    const [held, served] = [await witness.viewSince(from), await client.viewSince(from)]
    context.diagnostic(`${name}: two refusals in ${took.toFixed(0)} ms, ${JSON.stringify({ held, served })}`)
    assert.deepEqual([held.twoMs, served.lost, served.path], [0, 0, ['web1']], name)
    assert.ok(held.longestNoneMs <= A_LATE_LOOK_MS, `${name}: nobody for ${held.longestNoneMs} ms`)
  }
})

test('a stop goes ahead at once, and hands over to a node in standby', async () => {
  await using peers = await startPeers({ pace: { intervalMs: 5, timeoutMs: 3_000 } })
  const { web1, web2, witness, client } = peers
  await ask(web2, 'standby')
  await untilStatus(web1, 'web2 in standby', ({ instances: [www] }) => www?.candidates[0]?.readiness === 'standby')
  const from = monotonicMs()
  await web1.engine().stop()
  const after = (await witness.settled(['web2'], from, 5_000)) - from
  const [held, served] = [await witness.viewSince(from), await client.viewSince(from)]
  assert.ok(after < 500, `${after} ms`)
  assert.deepEqual([held.longestTwoMs, served.lost, served.slowestMs < 500], [0, 0, true], JSON.stringify(served))
})

test('strict standby: nobody takes over, and all boxes say so; resume ends it', async () => {
  await using peers = await startPeers()
  const { web1, web2, witness } = peers
  const { code, outcome } = await ask(web1, 'standby', '--strict')
  assert.deepEqual([code, outcome], [0, 'taken-over'])
  await witness.settled(['web2'], 0, 5_000)
  for (const box of [web1, web2]) {
    const status = await untilStatus(box, 'the warning', ({ warnings }) =>
      warnings.some((each) => each.code === 'takeover.nobody'),
    )
    assert.equal(status.instances[0]?.holder, 'web2')
    const { stdout } = await box.haup('status', '--run-dir', box.runDir)
    assert.match(
      stdout.replaceAll(/\s+/g, ' '),
      /^www: held by web2.*, not web1 \(put on strict standby by an administrator.*\); nobody would take over /,
    )
  }
  const from = monotonicMs()
  await web2.server.breakConfig()
  await web2.server.signal('SIGKILL')
  await delay(2_000)
  assert.deepEqual((await witness.viewSince(from)).held.web1 ?? [], [], 'web1 must not serve')
  assert.equal((await web1.haup('resume', '--run-dir', web1.runDir)).code, 0)
  await witness.settled(['web1'], from, 5_000)
})

async function ask(box: Box, command: string, ...options: readonly string[]) {
  const { code, stdout } = await box.haup(command, '--json', '--run-dir', box.runDir, ...options)
  const [outcome] = outcomesSchema.parse(JSON.parse(stdout)).outcomes
  return { code, ...outcome }
}

async function refusal(box: Box, command: string) {
  const { code, stdout } = await box.haup(command, '--json', '--run-dir', box.runDir)
  return { code, ...refusalSchema.parse(JSON.parse(stdout)) }
}

const refusalSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
const outcomesSchema = z.object({
  outcomes: z.array(z.object({ outcome: z.string(), node: z.string().nullable(), message: z.string() })),
})
