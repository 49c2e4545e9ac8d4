import assert from 'node:assert/strict'
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { runOrThrow } from '../../src/lab/run.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { deafen, dropNothing, dropOnInput, loseNothing } from './support/loss.ts'
import { logged } from './support/pair.ts'
import { keyFileOf, newKey, type Peers, startPeers, writeKey } from './support/peers.ts'

/** Ways to lose the backup of a pair. Its holder says each within 5 s, and that it is back; nothing moves meanwhile. */

const LIMIT_MS = 5_000

type Way = {
  readonly name: string
  readonly lose: (peers: Peers) => Promise<unknown>
  readonly mend: (peers: Peers) => Promise<unknown>
  /** In what `haup status` says beside its first line. */
  readonly shown: RegExp
  /** Each serves its own part of a LAN that is cut in two. */
  readonly splits?: true
}

const link = ({ web2 }: Peers, state: 'up' | 'down') =>
  runOrThrow(['ip', '-n', web2.host.namespace, 'link', 'set', INTERFACE, state])
const order = ({ web2 }: Peers, ...words: readonly string[]) => web2.haup(...words, '--run-dir', web2.runDir)
const end = async ({ web2 }: Peers, signal: 'SIGTERM' | 'SIGKILL') => {
  web2.engine().signal(signal)
  await web2.engine().exited
}
const begin = async ({ web2 }: Peers): Promise<unknown> => web2.startEngine()

const WAYS: readonly Way[] = [
  { name: 'its engine is killed', lose: (peers) => end(peers, 'SIGKILL'), mend: begin, shown: /died/ },
  { name: 'its engine stops', lose: (peers) => end(peers, 'SIGTERM'), mend: begin, shown: /has stopped/ },
  {
    name: 'its engine hangs',
    lose: async ({ web2 }) => web2.engine().signal('SIGSTOP'),
    mend: async ({ web2 }) => web2.engine().signal('SIGCONT'),
    shown: /nothing is heard of it/,
  },
  {
    name: 'its host is dark',
    lose: ({ topology, web2 }) => deafen(topology, web2.host),
    mend: ({ topology }) => loseNothing(topology),
    splits: true,
    shown: /nothing is heard of it/,
  },
  {
    name: 'its cable is out',
    lose: (peers) => link(peers, 'down'),
    mend: (peers) => link(peers, 'up'),
    shown: /nothing is heard of it|eth0/,
  },
  {
    name: 'its nginx answers 500',
    lose: ({ web2 }) => web2.nginx.answer500(),
    mend: ({ web2 }) => web2.nginx.answerNormally(),
    shown: /FAULT: nginx: .*500/,
  },
  {
    name: 'strict standby',
    lose: (peers) => order(peers, 'standby', '--strict'),
    mend: (peers) => order(peers, 'resume'),
    shown: /strict standby/,
  },
  {
    name: 'a firewall eats the channel',
    lose: ({ web1 }) => dropOnInput(web1.host, 'meta l4proto { tcp, udp } th dport 7112'),
    mend: ({ web1 }) => dropNothing(web1.host),
    shown: /nothing is heard of it/,
  },
  {
    name: 'its configuration is refused',
    lose: async (peers) => {
      await end(peers, 'SIGTERM')
      await appendFile(peers.web2.configFile, '\nnonsense: 1\n')
      await begin(peers)
      await peers.web2.engine().exited
    },
    mend: async (peers) => {
      const text = await readFile(peers.web2.configFile, 'utf8')
      await writeFile(peers.web2.configFile, text.replace('\nnonsense: 1\n', ''))
      await begin(peers)
    },
    shown: /has stopped/,
  },
  {
    name: 'another key',
    lose: async (peers) => {
      await end(peers, 'SIGTERM')
      await writeKey(peers.web2, newKey())
      await begin(peers)
    },
    mend: async (peers) => {
      await end(peers, 'SIGTERM')
      await rm(keyFileOf(peers.web2))
      await runOrThrow(['cp', '-p', keyFileOf(peers.web1), keyFileOf(peers.web2)])
      await begin(peers)
    },
    shown: /has stopped|nothing (is|was) heard/,
  },
]

// The lines for changes of state are bounded: ten of a kind in a row.
for (const ways of [WAYS.slice(0, 5), WAYS.slice(5)])
  test(`the holder says that its backup is lost, and is back: ${ways.map(({ name }) => name).join(', ')}`, (context) =>
    loseEach(ways, context))

async function loseEach(ways: readonly Way[], context: TestContext): Promise<void> {
  const on = { redundancy_lost: ['/usr/bin/true', 'alone'], redundancy_back: ['/usr/bin/true', 'paired'] }
  await using peers = await startPeers({
    instance: { advert_interval: '1s', notify: on },
    service: { restart: 'none' },
  })
  const { web1, witness } = peers
  const status = () => web1.haup('status', '--run-dir', web1.runDir)
  const { log } = web1.engine()
  // The second box of a pair that starts comes after the first one, which says so.
  const times = log.count(logged('redundancy.back'))
  for (const [index, { name, lose, mend, shown, splits }] of ways.entries()) {
    assert.equal((await status()).code, 0, `before: ${name}`)
    const at = log.position()
    const from = monotonicMs()
    await lose(peers)
    await log.until(logged('redundancy.lost'), { after: at })
    const told = monotonicMs() - from
    context.diagnostic(`${name}: told after ${Math.round(told)} ms`)
    assert.ok(told < LIMIT_MS, `${name}: ${told} ms`)
    const { code, stdout } = await status()
    assert.equal(code, 6, stdout)
    const text = stdout.replaceAll(/\s+/g, ' ')
    assert.match(text, /^www: held by web1 \(this node\); nobody would take over/)
    assert.match(text, shown)
    await log.until(/told REDUNDANCY LOST of www: \/usr\/bin\/true alone/, { after: at })
    await mend(peers)
    await log.until(/told REDUNDANCY BACK of www: \/usr\/bin\/true paired/, { after: at })
    assert.equal(log.count(logged('redundancy.back')), times + index + 1, name)
    const { twoMs, noneMs, held } = await witness.viewSince(from)
    if (splits !== true) assert.deepEqual([twoMs, noneMs, Object.keys(held)], [0, 0, ['web1']], name)
  }
}
