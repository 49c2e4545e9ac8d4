import { setTimeout as delay } from 'node:timers/promises'
import type { LabClient } from '../../src/lab/client.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { inNamespace, runOrThrow } from '../../src/lab/run.ts'
import type { Host } from '../../src/lab/topology.ts'
import { VIP } from '../../test/e2e/support/config.ts'
import { type Contender, startContender } from '../holders/contender.ts'
import type { Lane, MoveKind } from './kinds.ts'
import { assess, type Move } from './outcome.ts'

/** A new connection every 5 ms; one whose first two SYNs are lost is served after three seconds. */
const PACE = { intervalMs: 5, timeoutMs: 3_000 }
const SERVED_LIMIT_MS = 30_000
/** What follows a move (the old holder unbinds, neighbours learn) is over by then. */
const AFTERMATH_MS = 400

export type LaneResult = { readonly lane: Lane; readonly moves: ReadonlyMap<MoveKind, readonly Move[]> }

/** Moves to and fro until `runs` of each kind are made, or until `isOver`. */
export async function runLane(lane: Lane, runs: number, isOver: () => boolean): Promise<LaneResult> {
  const pair = await startContender(lane.kind, { intervalMs: lane.intervalMs })
  try {
    const client = pair.lab.startClient(VIP, PACE)
    const moves = new Map(lane.moves.map((kind): [MoveKind, Move[]] => [kind, []]))
    for (let run = 0; run < runs && !isOver(); run++) {
      for (const [kind, found] of moves) {
        const move = await moveOnce(pair, client, kind)
        found.push(move)
        tell(lane, kind, move)
      }
    }
    await client.stop()
    return { lane, moves }
  } finally {
    await pair.lab[Symbol.asyncDispose]()
  }
}

async function moveOnce(pair: Contender, client: LabClient, { act, from, to, ends }: MoveKind): Promise<Move> {
  const asked = monotonicMs()
  await client.servedSteadily([from], asked, SERVED_LIMIT_MS)
  // At any moment between two adverts.
  await delay(Math.random() * Math.min(500, pair.intervalMs))
  const host = pair.lab.host('client')
  const before = await retransmittedSyns(host)
  const began = monotonicMs()
  await act(pair)
  const commandMs = ends ? monotonicMs() - began : undefined
  await client.servedSteadily([to], began, SERVED_LIMIT_MS)
  await delay(AFTERMATH_MS)
  const requests = await client.requestsSince(began)
  const retransmitted = (await retransmittedSyns(host)) - before
  if (pair.isRunning(pair.web1)) await pair.ready()
  return assess({ requests, began, from, to, retransmitted, commandMs })
}

/** TcpExt TCPSynRetrans of the host, since it exists: two lines, names and values (proc_pid_net(5)). */
async function retransmittedSyns({ namespace }: Host): Promise<number> {
  const text = await runOrThrow(inNamespace(namespace, ['cat', '/proc/net/netstat']))
  const [names = [], values = []] = text
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '))
  return Number(values[names.indexOf('TCPSynRetrans')])
}

function tell({ kind, intervalMs }: Lane, { title }: MoveKind, move: Move): void {
  const loss = move.failed + move.slow + move.retransmitted > 0 ? ' LOSS' : ''
  const at = new Date().toISOString()
  process.stderr.write(`${at} ${kind}, ${intervalMs} ms: ${title}:${loss} ${JSON.stringify(move)}\n`)
}
