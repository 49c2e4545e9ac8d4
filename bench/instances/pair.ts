import type { Box } from '../../src/lab/box.ts'
import { buildLab, type Lab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { type LabProcess, signalPid } from '../../src/lab/process.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { type Keepalived, runKeepalived } from '../../test/e2e/support/keepalived.ts'
import { configurePeer, newKey, statusOf, writeKey } from '../../test/e2e/support/peers.ts'
import { descendantsOf, type Kind } from '../holders/contender.ts'
import { haupInstances, keepalivedFile } from './configuration.ts'

export type Lateness = { readonly p50: number; readonly p99: number }

/** Two boxes with the same many instances; web1 is preferred. No engine runs yet. */
export type ManyPair = {
  readonly lab: Lab
  readonly web1: Box
  readonly web2: Box
  /** Each resolves with the instant of the start or of the signal. */
  readonly start: (box: Box) => Promise<number>
  /** SIGKILL of all of the engine. */
  readonly kill: (box: Box) => Promise<number>
  /** SIGTERM; the end is not waited for. */
  readonly stop: (box: Box) => Promise<number>
  /** Resolves when the engine that was killed or stopped is gone. */
  readonly ended: (box: Box) => Promise<unknown>
  readonly pids: (box: Box) => Promise<readonly number[]>
  /** How late the engine's timers fire, in milliseconds; undefined where nobody tells, or the engine does not answer. */
  readonly lateness: (box: Box) => Promise<Lateness | undefined>
}

type Engines = Omit<ManyPair, 'lab' | 'web1' | 'web2'>

const CURL = '/usr/bin/curl -sf -m 1 -o /dev/null http://127.0.0.1/healthz'
const STOP_LIMIT_MS = 30_000

/** `profile`: the directory for V8's profiles of haup's engines. */
export async function buildManyPair(kind: Kind, count: number, profile?: string): Promise<ManyPair> {
  const lab = await buildLab({ boxes: ['web1', 'web2'], others: ['witness'] })
  try {
    const engines = kind === 'haup' ? await prepareHaup(lab, count, profile) : prepareKeepalived(lab, count)
    return { lab, web1: lab.box('web1'), web2: lab.box('web2'), ...engines }
  } catch (error) {
    await lab[Symbol.asyncDispose]()
    throw error
  }
}

async function prepareHaup(lab: Lab, count: number, profile: string | undefined): Promise<Engines> {
  const key = newKey()
  const service = { interval: '1s', timeout: '1s', settle: '3s', restart_budget: '100 within 10m' }
  for (const box of lab.boxes) {
    await writeKey(box, key)
    await configurePeer(lab, box, { instances: haupInstances(count, 'nginx'), service })
  }
  return {
    start: async (box) => {
      const at = monotonicMs()
      startEngine(box, profile)
      return at
    },
    kill: async (box) => {
      const { pid } = box.engine()
      const started = await descendantsOf(pid)
      const at = monotonicMs()
      for (const each of [pid, ...started]) signalPid(each, 'SIGKILL')
      return at
    },
    stop: async (box) => stopSoon(box.engine()),
    ended: (box) => box.engine().exited,
    pids: async (box) => [box.engine().pid],
    lateness: (box) =>
      statusOf(box).then(
        ({ loop }) => loop.lateness_ms,
        () => undefined,
      ),
  }
}

function startEngine(box: Box, profile: string | undefined): void {
  // Of the engine alone, and not of whatever else runs on Node here.
  if (profile !== undefined) process.env.NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${profile}`
  box.startEngine()
  if (profile !== undefined) delete process.env.NODE_OPTIONS
}

function prepareKeepalived(lab: Lab, count: number): Engines {
  const running = new Map<string, Keepalived>()
  const of = ({ name }: Box): Keepalived => {
    const found = running.get(name)
    if (found === undefined) throw new Error(`keepalived was not started on ${name}`)
    return found
  }
  return {
    start: async (box) => {
      const at = monotonicMs()
      const file = keepalivedFile(count, box.name, INTERFACE, CURL)
      running.set(box.name, await runKeepalived(box.host, lab.directory, file))
      return at
    },
    kill: async (box) => {
      const at = monotonicMs()
      await of(box).killSilently()
      return at
    },
    stop: async (box) => stopSoon(of(box)),
    ended: (box) => of(box).exited,
    pids: (box) => of(box).pids(),
    lateness: async () => undefined,
  }
}

/** Whoever does not end by itself in a reasonable time is killed. */
function stopSoon(engine: LabProcess): number {
  const at = monotonicMs()
  void engine.stop(STOP_LIMIT_MS)
  return at
}
