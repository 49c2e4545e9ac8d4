import { setTimeout as delay } from 'node:timers/promises'
import type { Status } from '../../control/messages.ts'
import { startControlServer } from '../../control/server.ts'
import { isShownAnew, summarize } from '../../engine/core/summary.ts'
import type { NodePlan } from '../../engine/core/types.ts'
import { createEngine, type Engine } from '../../engine/engine.ts'
import { handleFailover } from '../../engine/failover.ts'
import { keepHolds } from '../../engine/hold-keeper.ts'
import { bootMoment } from '../../engine/io/boot-clock.ts'
import { createClock } from '../../engine/io/clock.ts'
import { lockEngine } from '../../engine/io/engine-lock.ts'
import { createSdNotify, type SdNotify } from '../../engine/io/sd-notify.ts'
import { limitLog } from '../../engine/log-limit.ts'
import { createNotifier, type Notifier } from '../../engine/notifier.ts'
import type { Clock } from '../../engine/ports.ts'
import { buildStatus } from '../../engine/status.ts'
import { native } from '../../native/index.ts'
import { createServicePort } from '../../probes/service-port.ts'
import { isForWantOfDescriptors } from '../../shared/descriptors.ts'
import { EXIT, messageOf, UserError } from '../../shared/errors.ts'
import type { Log } from '../../shared/log.ts'
import { packageVersion } from '../../shared/package-root.ts'
import { fromSeconds } from '../../shared/units.ts'
import { createPorts } from './engine-ports.ts'
import { expectInstances } from './heap.ts'
import { chooseLogFormat, createLogger, type LogFormat, statStdout } from './logger.ts'
import { prepareEngine } from './prepare-engine.ts'
import { createReloader, type Reloader, sayWarnings } from './reloader.ts'

export type UpOptions = {
  readonly config: string
  /** `--node`; undefined = found by address or host name. */
  readonly node: string | undefined
  readonly runDir: string
  /** undefined = chosen by where stdout goes. */
  readonly logFormat: LogFormat | undefined
  readonly debug: boolean
}

/** How long a stop may take: three times what one netlink exchange is bounded to. The address must be gone by then. */
const STOP_WITHIN_MS = 6_000

/** How long commands that are told of the stop may take after that, all together. */
const NOTIFY_WITHIN = fromSeconds(3)
/** A reader of the log that is stuck does not hold up the end. */
const FLUSH_WITHIN_MS = 1_000
/** A service manager starts us again at once: where this box hinders, that would be several times a second. */
const RETRY_PAUSE_MS = 2_000

/** Runs the engine in the foreground until SIGTERM or SIGINT. Throws UserError when it cannot start. */
export async function runEngine(options: UpOptions): Promise<{ readonly stopped: string }> {
  const format = options.logFormat ?? chooseLogFormat(process.env, statStdout())
  const log = createLogger(format, { debug: options.debug })
  const manager = createSdNotify(process.env, {
    onFailure: (message) => log({ level: 'warn', subject: 'haup', code: 'manager.send', message }),
  })
  try {
    return await run(options, manager, log)
  } catch (thrown) {
    const hindered = thrown instanceof UserError && thrown.exitCode === EXIT.environment
    if (manager.supervised && hindered) await delay(RETRY_PAUSE_MS)
    throw thrown
  } finally {
    await log.flush(FLUSH_WITHIN_MS)
  }
}

async function run(options: UpOptions, manager: SdNotify, log: Log): Promise<{ readonly stopped: string }> {
  // Before all that others wait for when this process dies.
  native().reserveDescriptors()
  const prepared = await prepareEngine(options.config, options.node)
  sayWarnings(prepared, log)
  expectInstances(prepared.plan.instances.length)
  const lock = await lockEngine()
  if (!lock.ok) throw alreadyRunning(lock.error)
  const ended = Promise.withResolvers<string>()
  const clock = createClock()
  const onBug = onThrown(ended.reject, limitLog(log, clock.now))
  const checks = new AbortController()
  const services = createServicePort({ signal: checks.signal, log })
  const engine = createEngine(prepared.plan, createPorts({ clock, log, manager, services, onBug }))
  const notifier = createNotifier({
    ...{ plan: engine.plan, initial: engine.state(), settled: engine.settled, now: clock.now },
    ...{ log, onBug },
  })
  let last = engine.state()
  engine.watch((state, touched) => {
    const before = last
    last = state
    if (!isShownAnew(before, state, touched)) return
    notifier.onState(state)
    manager.status(summarize(engine.plan(), state))
  })
  const reloader = createReloader({ options, prepared, engine, manager, log, now: clock.now })
  const started = Promise.withResolvers<void>()
  const server = await startControlServer({
    runDir: options.runDir,
    getStatus: statusOf(reloader, engine, clock, options.config),
    handle: async (request) => {
      // What an earlier life has left is taken up first: else `--back` would find nothing, and the hold come after it.
      await started.promise
      return request.kind === 'reload' ? reloader.handle() : handleFailover({ loop: engine, clock, wallClock }, request)
    },
    log,
  })
  const release = onSignals(ended, reloader, onBug)
  let holds: Awaited<ReturnType<typeof keepHolds>> | undefined
  try {
    logStart(prepared.plan, log)
    holds = await keepHolds({ runDir: options.runDir, loop: engine, clock, wallClock, bootMoment, log, onBug })
    await engine.start()
    started.resolve()
    manager.ready()
    return { stopped: await ended.promise }
  } finally {
    manager.stopping()
    // Nobody waits for probes, tests and restarts any more; a restart by its unit goes on by itself.
    checks.abort()
    // Also after a bug: a master resigns before it ends.
    await stopWithin(engine, notifier, log)
    await holds?.idle()
    release()
    await server.close()
    lock.value.release()
    endFor(log)
  }
}

const LINGERS_MS = 2_000

/** All is released: nothing that was forgotten may keep a process that says that it has stopped. */
function endFor(log: Log): void {
  const timer = setTimeout(() => {
    const left = [...new Set(process.getActiveResourcesInfo())].join(', ')
    log({ level: 'error', subject: 'haup', code: 'engine.lingers', message: `ended by force, still open: ${left}` })
    process.exit()
  }, LINGERS_MS)
  timer.unref()
}

const wallClock = (): Date => new Date()

function logStart(plan: NodePlan, log: Log): void {
  const names = plan.instances.map(
    (instance) => `${instance.name} (VRID ${instance.router.vrid} on ${instance.interface})`,
  )
  const message = `haup ${packageVersion()} runs as ${plan.node} of ${plan.cluster}: ${names.join(', ')}; pid ${process.pid}`
  log({ level: 'info', subject: 'haup', code: 'engine.start', message })
}

function statusOf(reloader: Reloader, engine: Engine, clock: Clock, configFile: string): () => Status {
  const started = clock.now()
  return () =>
    buildStatus(engine.plan(), engine.state(), {
      now: clock.now(),
      wallClock: new Date(),
      started,
      version: packageVersion(),
      pid: process.pid,
      configFile,
      counters: engine.counters,
      bound: engine.bound,
      lateness: engine.lateness.summary(),
      warnings: [...reloader.warnings(), ...engine.warnings()],
    })
}

/** SIGHUP reads the configuration again. Anything else here ends the engine in order; a second signal does not cut the order short, the time limit does. */
function onSignals(
  ended: PromiseWithResolvers<string>,
  reloader: Reloader,
  onBug: (thrown: unknown) => void,
): () => void {
  const onHangup = (): void => void reloader.handle().catch(onBug)
  const onSignal = (signal: NodeJS.Signals): void => ended.resolve(signal)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal)
  process.on('SIGHUP', onHangup)
  process.on('uncaughtException', onBug)
  process.on('unhandledRejection', onBug)
  return () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, onSignal)
    process.off('SIGHUP', onHangup)
    process.off('uncaughtException', onBug)
    process.off('unhandledRejection', onBug)
  }
}

/** A bug ends the engine. That descriptors have run out is none: wherever it surfaces, to hold on serves better than to end. */
const onThrown =
  (end: (thrown: unknown) => void, log: Log) =>
  (thrown: unknown): void => {
    if (!isForWantOfDescriptors(thrown)) {
      end(thrown)
      return
    }
    const message = `something could not be done: ${messageOf(thrown)}; see LimitNOFILE= and /proc/sys/fs/file-nr`
    log({ level: 'error', subject: 'haup', code: 'engine.descriptors', message })
  }

async function stopWithin(engine: Engine, notifier: Notifier, log: Log): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), STOP_WITHIN_MS)
  })
  try {
    const result = await Promise.race([engine.stop('the engine stops'), late])
    if (result === 'late') {
      const message = `not all addresses could be released within ${STOP_WITHIN_MS / 1_000}s: check with "ip address"`
      log({ level: 'error', subject: 'haup', code: 'engine.stop-late', message })
    } else {
      log({ level: 'info', subject: 'haup', code: 'engine.stop', message: 'stopped' })
    }
  } catch (thrown) {
    log({ level: 'error', subject: 'haup', code: 'engine.stop-failed', message: messageOf(thrown) })
  } finally {
    clearTimeout(timer)
    await notifier.stop(NOTIFY_WITHIN)
  }
}

const alreadyRunning = (reason: string): UserError =>
  reason === 'held'
    ? new UserError('another haup engine runs on this machine (in this network namespace)', {
        code: 'engine.already-running',
        exitCode: EXIT.environment,
        nextSteps: ['haup status', 'stop the other one first'],
      })
    : new UserError(`the engine lock cannot be taken: ${reason}`, { code: 'engine.lock', exitCode: EXIT.environment })
