import { setTimeout as delay } from 'node:timers/promises'
import type { Box } from '../../../src/lab/box.ts'
import type { LabProcess } from '../../../src/lab/process.ts'
import { EXIT } from '../../../src/shared/errors.ts'

/** What of a box matters here. */
export type EngineBox = Pick<Box, 'name' | 'runDir' | 'startEngine' | 'haup'>

/** The engines of a lab under fire: what ends one is known, anything else is a problem. */
export type Engines = {
  /** Does nothing while one runs. */
  readonly start: (box: EngineBox) => Promise<void>
  readonly kill: (box: EngineBox) => Promise<void>
  readonly stop: (box: EngineBox) => Promise<void>
  readonly freeze: (box: EngineBox) => Promise<void>
  readonly thaw: (box: EngineBox) => Promise<void>
  /** Begins `haup ARGS` on the box and does not wait for it: its engine may be frozen. */
  readonly command: (box: EngineBox, ...args: readonly string[]) => Promise<void>
  readonly commandsDone: () => Promise<void>
  /** Runs `haup ARGS` as soon as the engine, which may be starting, listens; that it does not answer is a problem. */
  readonly insist: (box: EngineBox, ...args: readonly string[]) => Promise<void>
  /** PIDs of those that run, by box. */
  readonly pids: () => readonly { readonly box: string; readonly pid: number }[]
  /** What went wrong until now. */
  readonly problems: () => readonly string[]
}

const RESTART_MS = 200
/** Said when its sockets are open. */
const LISTENS = /"code":"engine\.start"/

const NO_ENGINE: readonly (number | undefined)[] = [EXIT.notRunning, EXIT.notAnswering]

export function createEngines(): Engines {
  const running = new Map<string, LabProcess>()
  const problems: string[] = []
  const commands: Promise<unknown>[] = []
  const logs: { readonly box: string; readonly process: LabProcess; looked: number }[] = []

  const wanted = new Set<string>()
  const restarts = new Map<string, Promise<void>>()
  const hindered = new Set<LabProcess>()

  const start = async (box: EngineBox) => {
    wanted.add(box.name)
    launch(box)
  }
  /** What a service manager does with an engine that the box hinders: its address may just be flushed. */
  const restart = async (box: EngineBox) => {
    await delay(RESTART_MS)
    restarts.delete(box.name)
    if (wanted.has(box.name)) launch(box)
  }
  const launch = (box: EngineBox) => {
    if (running.has(box.name) || restarts.has(box.name)) return
    const process = box.startEngine()
    running.set(box.name, process)
    logs.push({ box: box.name, process, looked: 0 })
    void process.exited.then(({ code, signal }) => {
      if (running.get(box.name) !== process) return
      running.delete(box.name)
      if (code !== EXIT.environment) {
        problems.push(`the engine on ${box.name} ended by itself (${signal ?? code})`)
        return
      }
      hindered.add(process)
      restarts.set(box.name, restart(box))
    })
  }
  /** From here on its end is expected. */
  const take = ({ name }: EngineBox): LabProcess | undefined => {
    const process = running.get(name)
    running.delete(name)
    wanted.delete(name)
    return process
  }
  const run = async (box: EngineBox, args: readonly string[]) => {
    const { code, stderr } = await box.haup(...args, '--run-dir', box.runDir)
    if (code === EXIT.bug || code === undefined)
      problems.push(`haup ${args.join(' ')} on ${box.name}: ${code} ${stderr}`)
    return code
  }
  const listens = async ({ name }: EngineBox) => {
    for (;;) {
      await restarts.get(name)
      const process = running.get(name)
      try {
        await process?.log.until(LISTENS)
        return
      } catch (error) {
        await process?.exited
        if (restarts.has(name)) continue
        problems.push(`the engine on ${name} does not listen: ${error instanceof Error ? error.message : error}`)
        return
      }
    }
  }
  const insist = async (box: EngineBox, args: readonly string[]) => {
    await listens(box)
    if (NO_ENGINE.includes(await run(box, args))) problems.push(`no engine on ${box.name} for haup ${args.join(' ')}`)
  }
  const lookAtLogs = () => {
    for (const log of logs) {
      const lines = log.process.log.lines()
      const looked = hindered.has(log.process) ? [] : lines.slice(log.looked)
      for (const line of looked) if (!isRecord(line)) problems.push(`${log.box} wrote: ${line}`)
      log.looked = lines.length
    }
  }
  return {
    start,
    kill: async (box) => {
      const process = take(box)
      process?.signal('SIGKILL')
      await process?.exited
    },
    stop: async (box) => {
      const exit = await take(box)?.stop()
      // One that the box hindered was about to end by itself.
      if (exit !== undefined && exit.code !== 0 && exit.code !== EXIT.environment)
        problems.push(`the engine on ${box.name} did not stop in order (${exit.signal ?? exit.code})`)
    },
    freeze: async ({ name }) => running.get(name)?.signal('SIGSTOP'),
    thaw: async ({ name }) => running.get(name)?.signal('SIGCONT'),
    command: async (box, ...args) => void commands.push(run(box, args)),
    insist: (box, ...args) => insist(box, args),
    commandsDone: async () => void (await Promise.all(commands.splice(0))),
    pids: () => [...running].map(([box, { pid }]) => ({ box, pid })),
    problems: () => {
      lookAtLogs()
      return problems
    },
  }
}

/** The engine writes JSON records; a stack, or a warning of Node's, is none. */
const isRecord = (line: string): boolean => line === '' || /^\{.*\}$/.test(line)
