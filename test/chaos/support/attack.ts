import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import { DEFAULT_PEER_PORT } from '../../../src/config/schema-peer.ts'
import { type Box, prepareBox } from '../../../src/lab/box.ts'
import { type LabClient, startClient } from '../../../src/lab/client.ts'
import { monotonicMs } from '../../../src/lab/monotonic.ts'
import { runOrThrow } from '../../../src/lab/run.ts'
import { type Host, INTERFACE } from '../../../src/lab/topology.ts'
import { type Interval, TICK_MS } from '../../../src/lab/witness-timeline.ts'
import { attack, attackByStreams } from '../../e2e/support/attack.ts'
import { VIP } from '../../e2e/support/config.ts'
import { type Mac, macOf } from '../../e2e/support/frames.ts'
import { anyStateChange } from '../../e2e/support/pair.ts'
import { type Peers, startPeers } from '../../e2e/support/peers.ts'
import { record } from '../../e2e/support/record.ts'
import { datagrams, type Field, forgedAdverts, forgedArp, halfConnections, replayed } from './attack-frames.ts'

export type AttackOptions = {
  readonly seed: number
  /** Of all waves together. */
  readonly seconds: number
  /** Gets the engines' logs. */
  readonly directory: string
  readonly print: (line: string) => void
}

/** What one wave of packets did to the pair, and to a web server of which haup knows nothing. */
export type Wave = {
  readonly name: string
  readonly sent: number
  /** Longest time in which the client was not served, in milliseconds: by the pair, by the plain server. */
  readonly gapMs: number
  readonly plainGapMs: number
  readonly twoMs: number
  readonly logLines: number
  readonly stateChanges: number
}

export type AttackResult = { readonly waves: readonly Wave[]; readonly problems: readonly string[] }

const FAST = 5_000
const STREAMS = 200
const SLOW_SHARE = 8
const LEAST_MS = 1_000
const MOST_LOG_LINES = 100
/** Between two waves: what one has done may not be counted for the next one. */
const PAUSE_MS = 800
/** Two clients do not begin their requests at the same instant. */
const MARGIN_MS = 100
const READY_LIMIT_MS = 20_000
const RECORD_MS = 3_000

type Plan = {
  readonly name: string
  /** Of the time of all waves together. */
  readonly share: number
  /** Resolves with how much of it was sent. */
  readonly send: (lastsMs: number) => Promise<number>
}

/** Attacks a pair from a host of its LAN, wave after wave; a client uses it all the time, and another one a plain server. */
export async function runAttack(options: AttackOptions): Promise<AttackResult> {
  await using peers = await startPeers({
    others: ['attacker', 'plain'],
    instance: { advert_interval: '1s' },
  })
  const plain = await startPlainServer(peers)
  try {
    const waves: Wave[] = []
    const plans = await planWaves(peers, options.seed)
    const shares = sum(plans.map(({ share }) => share))
    for (const plan of plans) {
      const lastsMs = Math.round(Math.max(LEAST_MS, (options.seconds * 1_000 * plan.share) / shares - PAUSE_MS))
      const wave = await strike(peers, plain, plan, lastsMs)
      waves.push(wave)
      options.print(describe(wave))
    }
    return { waves, problems: judge(waves) }
  } finally {
    await plain.stop()
    await keepLogs(peers.boxes, options.directory)
  }
}

async function startPlainServer({ host, directory }: Peers): Promise<LabClient> {
  const plain = await prepareBox(host('plain'), directory, 'nginx')
  await plain.server.start()
  const client = startClient(host('client'), plain.host.address)
  await client.servedSteadily(['plain'], 0, READY_LIMIT_MS)
  return client
}

async function planWaves(peers: Peers, seed: number): Promise<readonly Plan[]> {
  const { boxes, web1, host } = peers
  const nodes = await Promise.all(boxes.map(async (box) => ({ address: box.host.address, mac: await macAt(box.host) })))
  const bystanders = ['witness', 'attacker'].map((name) => host(name).address)
  const field: Field = { nodes, virtual: VIP, bystanders, seed }
  // A move and its way back: adverts that take, let go and keep, and the reports that go with them.
  const said = await record(web1.host, 'udp port 7112 or ip proto 112', async () => {
    await moveThereAndBack(peers)
    await delay(RECORD_MS)
  })
  const adverts = forgedAdverts(field)
  const lan = forgedArp([...nodes.map(({ address }) => address), ...bystanders, '192.0.2.99'])
  const served = forgedArp([VIP, host('plain').address, host('client').address])
  const frames = (name: string, perSecond: number, frames: readonly Uint8Array[], share = 1): Plan => ({
    name: `${name}, ${perSecond}/s`,
    share,
    send: (lastsMs) => attack(host('attacker'), { frames, perSecond, lastsMs }),
  })
  const addresses = nodes.map(({ address }) => address)
  return [
    // In ten minutes each of them once.
    frames('forged adverts', 1, adverts, SLOW_SHARE),
    frames('forged adverts', FAST, adverts),
    frames('recorded adverts and reports', 1, replayed(said)),
    frames('recorded adverts and reports', FAST, replayed(said)),
    frames('forged ARP for nodes and bystanders', 1, lan),
    frames('forged ARP for nodes and bystanders', FAST, lan),
    frames('datagrams to the channel', FAST, datagrams(field)),
    frames('half connections to the channel', FAST, halfConnections(field)),
    {
      name: `connections to the channel that say nonsense, ${STREAMS}/s`,
      share: 1,
      send: (lastsMs) =>
        attackByStreams(host('attacker'), { addresses, port: DEFAULT_PEER_PORT, perSecond: STREAMS, lastsMs }),
    },
    frames('forged ARP for what clients use', 1, served),
    frames('forged ARP for what clients use', FAST, served),
  ]
}

async function moveThereAndBack({ web1, witness }: Peers): Promise<void> {
  const from = monotonicMs()
  await insist(web1, 'failover')
  await witness.settled(['web2'], from, READY_LIMIT_MS)
  await insist(web1, 'failover', '--back')
  await witness.settled(['web1'], from, READY_LIMIT_MS)
}

async function insist(box: Box, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await box.haup(...args, '--run-dir', box.runDir)
  if (code !== 0) throw new Error(`haup ${args.join(' ')} on ${box.name}: ${stdout}${stderr}`)
}

async function strike(peers: Peers, plain: LabClient, plan: Plan, lastsMs: number): Promise<Wave> {
  const { boxes, client, witness } = peers
  const positions = boxes.map((box) => box.engine().log.position())
  const from = monotonicMs()
  const sent = await plan.send(lastsMs)
  await delay(PAUSE_MS)
  const [served, plainly, { held }] = await Promise.all([
    client.viewSince(from),
    plain.viewSince(from),
    witness.viewSince(from),
  ])
  const changes = boxes.map((box, index) => box.engine().log.count(anyStateChange, positions[index]))
  const lines = boxes.map((box, index) => box.engine().log.position() - (positions[index] ?? 0))
  return {
    name: plan.name,
    sent,
    gapMs: served.outageMs,
    plainGapMs: plainly.outageMs,
    twoMs: overlapMs(held.web1 ?? [], held.web2 ?? []),
    logLines: sum(lines),
    stateChanges: sum(changes),
  }
}

/** The attacker, who says that the address is his, is no holder here. */
const overlapMs = (a: readonly Interval[], b: readonly Interval[]): number =>
  sum(a.flatMap((one) => b.map((other) => Math.max(0, Math.min(one.to, other.to) - Math.max(one.from, other.from)))))

/** What of it is wrong, in words; nothing when all is well. */
export function judge(waves: readonly Wave[]): readonly string[] {
  const lines = sum(waves.map(({ logLines }) => logLines))
  return [
    ...waves.flatMap(({ name, gapMs, plainGapMs, twoMs }) => [
      ...(gapMs > plainGapMs + (plainGapMs > 0 ? MARGIN_MS : 0)
        ? [`${name}: not served for ${gapMs} ms, a plain server for ${plainGapMs} ms`]
        : []),
      ...(twoMs > TICK_MS ? [`${name}: two holders for ${Math.round(twoMs)} ms`] : []),
    ]),
    ...(lines >= MOST_LOG_LINES ? [`${lines} log lines, fewer than ${MOST_LOG_LINES} are allowed`] : []),
  ]
}

const describe = ({ name, sent, gapMs, plainGapMs, twoMs, logLines, stateChanges }: Wave): string =>
  `${name}: ${sent} sent, not served for ${gapMs} ms (plain server ${plainGapMs} ms), two holders ${Math.round(twoMs)} ms, ` +
  `${logLines} log lines, ${stateChanges} changes of state`

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const linkSchema = z.tuple([z.object({ address: z.string() })])

async function macAt({ namespace }: Host): Promise<Mac> {
  const links = await runOrThrow(['ip', '-n', namespace, '-json', 'link', 'show', 'dev', INTERFACE])
  return macOf(linkSchema.parse(JSON.parse(links))[0].address)
}

async function keepLogs(boxes: readonly Box[], directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const box of boxes) await cp(join(box.directory, 'haup.log'), join(directory, `${box.name}-haup.log`))
}
