import { readFile } from 'node:fs/promises'
import type { Box } from '../../src/lab/box.ts'
import { buildLab, type Lab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { signalPid } from '../../src/lab/process.ts'
import { configureBox, instance, VIP } from '../../test/e2e/support/config.ts'
import { ENTERED_BACKUP, ENTERED_MASTER, type Keepalived, startKeepalived } from '../../test/e2e/support/keepalived.ts'
import { addSecondLine } from '../../test/e2e/support/lines.ts'
import { entered, heardAdverts } from '../../test/e2e/support/pair.ts'
import { configurePeer, newKey, untilMet, writeKey } from '../../test/e2e/support/peers.ts'

/** A pair that is measured: two boxes, each with nginx and an engine; web1 is preferred. */
export type Contender = {
  readonly kind: Kind
  readonly lab: Lab
  readonly web1: Box
  readonly web2: Box
  readonly intervalMs: number
  /** Starts the box's engine; resolves when it is in the state that it must reach, at once where none is named. */
  readonly start: (box: Box, state?: 'MASTER' | 'BACKUP') => Promise<void>
  /** What its engine runs as. */
  readonly pids: (box: Box) => Promise<readonly number[]>
  readonly isRunning: (box: Box) => boolean
  /** SIGKILL of the engine and of everything that it started but the web server; resolves with the instant of the signal. */
  readonly kill: (box: Box) => Promise<number>
  readonly freeze: (box: Box) => Promise<void>
  readonly thaw: (box: Box) => Promise<void>
  /** The stop of an administrator. */
  readonly stop: (box: Box) => Promise<void>
  /** Resolves when the two know each other in every way they have. */
  readonly ready: () => Promise<void>
}

export type Kind = 'haup' | 'keepalived'

/** A script of an administrator's that looks at the web server and acts by itself, in place of a mere check. */
export type CheckScript = (
  box: Box,
  labDirectory: string,
) => Promise<{ readonly argv: string; readonly interval: number }>

export type ContenderOptions = {
  readonly intervalMs: number
  readonly script?: CheckScript
  /** Whether haup has its peer channel; true when it is left out. */
  readonly channel?: boolean
  /** A second line between the boxes, which the channel uses too. */
  readonly secondLine?: boolean
  /** web1 and web2 when it is left out; keepalived knows the priorities of three. */
  readonly boxes?: readonly string[]
  /** Beside the boxes, the client and the witness. */
  readonly others?: readonly string[]
  /** Further instances of haup's, each with an address of its own: 192.0.2.101 and up. */
  readonly moreInstances?: number
}

const CURL = '/usr/bin/curl -sf -m 1 -o /dev/null http://127.0.0.1/healthz'
const START_LIMIT_MS = 30_000
const VRID = 77
const PRIORITY: Readonly<Record<string, number>> = { web1: 150, web2: 100, web3: 50 }

/** Builds a pair and starts it; both kinds look at the web server each second, two failures count. */
export async function startContender(kind: Kind, options: ContenderOptions): Promise<Contender> {
  const { boxes = ['web1', 'web2'], others = [] } = options
  const lab = await buildLab({ boxes, others: ['client', 'witness', ...others] })
  try {
    const [web1, web2] = [lab.box('web1'), lab.box('web2')]
    const hosts = lab.boxes.map(({ host }) => host)
    if (options.secondLine === true) await addSecondLine(lab.topology, hosts)
    const actions = kind === 'haup' ? await prepareHaup(lab, options) : prepareKeepalived(lab, options)
    await actions.start(web1, 'MASTER')
    for (const box of lab.boxes.slice(1)) await actions.start(box, 'BACKUP')
    await actions.ready()
    return { kind, lab, web1, web2, intervalMs: options.intervalMs, ...actions }
  } catch (error) {
    await lab[Symbol.asyncDispose]()
    throw error
  }
}

type Actions = Omit<Contender, 'kind' | 'lab' | 'web1' | 'web2' | 'intervalMs'>

async function prepareHaup(
  lab: Lab,
  { intervalMs, channel = true, secondLine = false, moreInstances = 0 }: ContenderOptions,
): Promise<Actions> {
  const running = new Set<string>()
  const key = newKey()
  for (const box of lab.boxes) {
    const interval = { advert_interval: `${intervalMs}ms` }
    const settings = {
      ...(moreInstances === 0 ? { instance: { ...interval, vrid: VRID } } : instancesOf(moreInstances, interval)),
      service: { interval: '1s', timeout: '1s', hung_after: '250ms', settle: '3s', restart_budget: '100 within 10m' },
    }
    await writeKey(box, key)
    await (channel ? configurePeer(lab, box, { ...settings, secondLine }) : configureBox(lab, box, settings))
  }
  const ended = async (box: Box) => {
    await box.engine().exited
    running.delete(box.name)
  }
  return {
    start: async (box, state) => {
      const { log } = box.startEngine()
      running.add(box.name)
      if (state !== undefined) await log.until(entered(state), { withinMs: START_LIMIT_MS })
    },
    pids: async (box) => [box.engine().pid],
    isRunning: ({ name }) => running.has(name),
    kill: async (box) => {
      const { pid } = box.engine()
      const started = await descendantsOf(pid)
      const at = monotonicMs()
      for (const each of [pid, ...started]) signalPid(each, 'SIGKILL')
      await ended(box)
      return at
    },
    freeze: async (box) => box.engine().signal('SIGSTOP'),
    thaw: async (box) => box.engine().signal('SIGCONT'),
    stop: async (box) => {
      await box.engine().stop()
      await ended(box)
    },
    ready: async () => {
      if (channel) await untilMet(lab.boxes)
      // A node that has just started listens first, whatever it is told.
      for (const box of lab.boxes.slice(1)) await heardAdverts(box, 1)
    },
  }
}

const instancesOf = (more: number, settings: Readonly<Record<string, unknown>>) => ({
  instances: Object.fromEntries(
    Array.from({ length: 1 + more }, (_, index) => [
      index === 0 ? 'www' : `www${index}`,
      instance({ ...settings, vrid: VRID + index, virtual_addresses: [`192.0.2.${100 + index}/24`] }),
    ]),
  ),
})

function prepareKeepalived(lab: Lab, { intervalMs, script }: ContenderOptions): Actions {
  const running = new Map<string, Keepalived>()
  const of = ({ name }: Box): Keepalived => {
    const found = running.get(name)
    if (found === undefined) throw new Error(`keepalived does not run on ${name}`)
    return found
  }
  return {
    start: async (box, state) => {
      const started = await startKeepalived(box.host, lab.directory, {
        version: 3,
        vrid: VRID,
        priority: PRIORITY[box.name] ?? 50,
        advertInterval: intervalMs / 1_000,
        address: VIP,
        preempt: true,
        ...(script === undefined ? { check: CURL } : { script: await script(box, lab.directory) }),
        garpDelay: 5,
      })
      // Its check script may stop it.
      void started.exited.then(() => running.get(box.name) === started && running.delete(box.name))
      running.set(box.name, started)
      if (state === undefined) return
      await started.log.until(state === 'MASTER' ? ENTERED_MASTER : ENTERED_BACKUP, { withinMs: START_LIMIT_MS })
    },
    pids: (box) => of(box).pids(),
    isRunning: ({ name }) => running.has(name),
    kill: async (box) => {
      const at = monotonicMs()
      await of(box).killSilently()
      running.delete(box.name)
      return at
    },
    freeze: (box) => of(box).signalAll('SIGSTOP'),
    thaw: (box) => of(box).signalAll('SIGCONT'),
    stop: async (box) => {
      await of(box).stop()
      running.delete(box.name)
    },
    ready: () => Promise.resolve(),
  }
}

/** A web server is a daemon, and so nobody's descendant. */
export async function descendantsOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const children = text.split(' ').filter(Boolean).map(Number)
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()]
}
