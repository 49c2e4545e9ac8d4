import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import * as z from 'zod'
import { loadConfig } from '../../src/config/load.ts'
import type { Box } from '../../src/lab/box.ts'
import { buildLab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { runOrThrow } from '../../src/lab/run.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { fromSeconds } from '../../src/shared/units.ts'
import { VIP } from './support/config.ts'
import { entered, untilHolders } from './support/pair.ts'
import {
  breakServer,
  INSTANCE,
  killServer,
  repairServer,
  runInit,
  type Stage,
  setUpPair,
  startAgain,
  startPair,
  stopMaster,
} from './support/tutorial.ts'

/** The public tutorials of nginx pairs with keepalived, set up by the flags of `haup init` alone. */

/** As in the tutorial: VRRPv2 with a password, VRID 51, priorities 150 and 130, a pool behind nginx. */
async function balancerFlags(box: Box, pool: readonly string[], interval: string): Promise<readonly string[]> {
  const password = join(box.directory, 'word')
  await writeFile(password, '1111\n', { mode: 0o600 })
  return [
    ...['--vip', VIP, '--vrid', '51', '--priority', '150,130', '--advert-interval', interval],
    ...['--vrrp-version', '2', '--password-from', password],
    ...pool.flatMap((address) => ['--pool', `${address}:80 weight=1 max_fails=3 fail_timeout=20s`]),
    ...['--pool-name', 'real', '--health-location', 'existing'],
    ...['--restart', box.server.startArgv.join(' '), '--pid-file', box.server.pidFile],
    ...['--config-test', box.server.testArgv.join(' ')],
  ]
}

test('two balancers, one address, a pool behind them: set up by flags, and what the tutorial tries out', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2', 'real1', 'real2'], others: ['client'] })
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  const pool = ['real1', 'real2'].map((name) => lab.host(name).address)
  const said = await setUpPair(web1, web2, (box) => balancerFlags(box, pool, '1s'))
  assert.match(said.stderr, /warning: VRID 51 is in all examples/)
  for (const box of [web1, web2]) {
    await box.nginx.passTo('real')
    await box.server.reload()
  }
  await startPair(web1, web2)
  const client = lab.startClient(VIP)
  const stage: Stage = { lab, client, holder: web1, other: web2, answersOf: () => ['real1', 'real2'] }
  for (const real of ['real1', 'real2']) await client.servedBy(real, 0)

  await stopMaster(stage)
  await startAgain(stage)
  await killServer(stage)
  await breakServer(stage)
  await repairServer(web1, entered('MASTER', INSTANCE))
  await untilHolders(lab, ['web1'])
  // One of the real servers dies: nginx asks the other one.
  await lab.box('real1').server.signal('SIGKILL')
  await client.servedBy('real2', monotonicMs())
  await untilHolders(lab, ['web1'])
})

test("two balancers with the tutorial's own numbers: what init writes is what was asked for", async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: [] })
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  await setUpPair(web1, web2, (box) => balancerFlags(box, ['192.168.2.2', '192.168.2.3', '192.168.2.4'], '5s'))
  const loaded = await loadConfig(web2.configFile)
  assert.ok(loaded.ok, JSON.stringify(loaded))
  assert.deepEqual(loaded.value.warnings, [])
  assert.partialDeepStrictEqual(loaded.value.config.instances, [
    {
      ...{ name: 'VI_1', vrid: 51, version: 2, priority: { web1: 150, web2: 130 }, preempt: true },
      ...{ advertInterval: fromSeconds(5), password: '1111' },
      virtualAddresses: [{ address: { address: VIP, length: 32 } }],
    },
  ])
  assert.deepEqual(loaded.value.config.services[0]?.restart, {
    ...{ kind: 'command', argv: web2.server.startArgv, pidFile: web2.server.pidFile },
  })
  const upstream = await readFile(join(web2.server.includeDirectory, 'haup-upstream.conf'), 'utf8')
  assert.match(
    upstream,
    /upstream real \{(\n {4}server 192\.168\.2\.[234]:80 weight=1 max_fails=3 fail_timeout=20s;){3}/,
  )
})

test('a label, a prefix, and nothing said of nginx: init finds out', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: ['client'] })
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  const vip = `${VIP}/24 dev ${INTERFACE} label ${INTERFACE}:1`
  await setUpPair(web1, web2, () => ['--vip', vip, '--vrid', '52', '--vrrp-version', '2', '--priority', '150,100'])
  await startPair(web1, web2)
  assert.deepEqual(await labelled(web1), [{ local: VIP, prefixlen: 24, label: 'eth0:1' }])
  const client = lab.startClient(VIP)
  const stage: Stage = { lab, client, holder: web1, other: web2, answersOf: ({ name }) => [name] }
  await client.servedBy('web1', 0)

  await stopMaster(stage)
  assert.deepEqual(await labelled(web2), [{ local: VIP, prefixlen: 24, label: 'eth0:1' }])
  await startAgain(stage)
  assert.deepEqual(await labelled(web2), [])
  await killServer(stage)
  await breakServer(stage)
  await repairServer(web1, entered('MASTER', INSTANCE))
  await untilHolders(lab, ['web1'])
})

test('the label of another interface is refused, and nothing is written', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: [] })
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  const refused = await runInit(web1, web2, ['--vip', `${VIP}/24 dev eth0 label eth1:1`])
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /--vip has the label "eth1:1", which does not begin with "eth0:"\n→ such as eth0:1/)
  await assert.rejects(readFile(web1.configFile), { code: 'ENOENT' })
})

/** What `ip addr` shows under a label of its own. */
async function labelled({ host }: Box) {
  const argv = ['ip', '-n', host.namespace, '-json', '-4', 'addr', 'show', 'dev', INTERFACE]
  const shown = linksSchema.parse(JSON.parse(await runOrThrow(argv)))
  return shown.flatMap(({ addr_info }) => addr_info).filter(({ label }) => label !== INTERFACE)
}

const linksSchema = z.array(
  z.object({ addr_info: z.array(z.object({ local: z.string(), prefixlen: z.number(), label: z.string() })) }),
)
