import { readFile } from 'node:fs/promises'
import type { Box } from '../../src/lab/box.ts'
import { buildLab, type Lab } from '../../src/lab/lab.ts'
import { signalPid } from '../../src/lab/process.ts'
import { configure, VIP } from '../../test/e2e/support/config.ts'
import { ENTERED_BACKUP, ENTERED_MASTER, type Keepalived, startKeepalived } from '../../test/e2e/support/keepalived.ts'
import { entered } from '../../test/e2e/support/pair.ts'

/** A pair that is measured: two boxes, each with nginx and an engine; web1 is preferred. */
export type Contender = {
  readonly lab: Lab
  readonly web1: Box
  readonly web2: Box
  readonly intervalMs: number
  /** Starts the box's engine; resolves when it is in the state that it must reach. */
  readonly start: (box: Box, state: 'MASTER' | 'BACKUP') => Promise<void>
  readonly isRunning: (box: Box) => boolean
  /** SIGKILL of the engine and of everything that it started but the web server. */
  readonly kill: (box: Box) => Promise<void>
  readonly freeze: (box: Box) => Promise<void>
  readonly thaw: (box: Box) => Promise<void>
  /** The stop of an administrator. */
  readonly stop: (box: Box) => Promise<void>
}

export type Kind = 'haup' | 'keepalived'

/** A script of an administrator's that looks at the web server and acts by itself, in place of a mere check. */
export type CheckScript = (
  box: Box,
  labDirectory: string,
) => Promise<{ readonly argv: string; readonly interval: number }>

const CURL = '/usr/bin/curl -sf -m 1 -o /dev/null http://127.0.0.1/healthz'
const START_LIMIT_MS = 30_000
const VRID = 77
const PRIORITY: Readonly<Record<string, number>> = { web1: 150, web2: 100 }

/** Builds a pair and starts it; both kinds look at the web server each second, two failures count. */
export async function startContender(kind: Kind, intervalMs: number, script?: CheckScript): Promise<Contender> {
  const lab = await buildLab({ boxes: ['web1', 'web2'], others: ['client', 'witness'] })
  try {
    const actions = kind === 'haup' ? await prepareHaup(lab, intervalMs) : prepareKeepalived(lab, intervalMs, script)
    const [web1, web2] = [lab.box('web1'), lab.box('web2')]
    await actions.start(web1, 'MASTER')
    await actions.start(web2, 'BACKUP')
    return { lab, web1, web2, intervalMs, ...actions }
  } catch (error) {
    await lab[Symbol.asyncDispose]()
    throw error
  }
}

type Actions = Omit<Contender, 'lab' | 'web1' | 'web2' | 'intervalMs'>

async function prepareHaup(lab: Lab, intervalMs: number): Promise<Actions> {
  const running = new Set<string>()
  await configure(lab, {
    instance: { advert_interval: `${intervalMs}ms`, vrid: VRID },
    service: { interval: '1s', timeout: '1s', settle: '3s', restart_budget: '100 within 10m' },
  })
  const ended = async (box: Box) => {
    await box.engine().exited
    running.delete(box.name)
  }
  return {
    start: async (box, state) => {
      await box.startEngine().log.until(entered(state), { withinMs: START_LIMIT_MS })
      running.add(box.name)
    },
    isRunning: ({ name }) => running.has(name),
    kill: async (box) => {
      const { pid } = box.engine()
      const started = await descendantsOf(pid)
      for (const each of [pid, ...started]) signalPid(each, 'SIGKILL')
      await ended(box)
    },
    freeze: async (box) => box.engine().signal('SIGSTOP'),
    thaw: async (box) => box.engine().signal('SIGCONT'),
    stop: async (box) => {
      await box.engine().stop()
      await ended(box)
    },
  }
}

function prepareKeepalived(lab: Lab, intervalMs: number, script?: CheckScript): Actions {
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
      await started.log.until(state === 'MASTER' ? ENTERED_MASTER : ENTERED_BACKUP, { withinMs: START_LIMIT_MS })
    },
    isRunning: ({ name }) => running.has(name),
    kill: async (box) => {
      await of(box).killSilently()
      running.delete(box.name)
    },
    freeze: (box) => of(box).signalAll('SIGSTOP'),
    thaw: (box) => of(box).signalAll('SIGCONT'),
    stop: async (box) => {
      await of(box).stop()
      running.delete(box.name)
    },
  }
}

/** A web server is a daemon, and so nobody's descendant. */
async function descendantsOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const children = text.split(' ').filter(Boolean).map(Number)
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()]
}
