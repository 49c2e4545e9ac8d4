import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../shared/errors.ts'
import type { Log, LogRecord } from '../shared/log.ts'
import { type BootMoment, type Clocks, formatHolds, holdsKey, type KeptHold, parseHolds } from './core/kept-holds.ts'
import type { EngineState, InstancePlan } from './core/types.ts'
import { createLane } from './lane.ts'
import type { Loop } from './loop.ts'
import type { Clock } from './ports.ts'

export const HOLDS_FILE = 'holds.json'

export type HoldKeeperOptions = {
  readonly runDir: string
  readonly loop: Pick<Loop, 'dispatch' | 'state' | 'watch' | 'plan'>
  readonly clock: Pick<Clock, 'now'>
  readonly wallClock: () => Date
  readonly bootMoment: () => BootMoment | undefined
  readonly log: Log
  readonly onBug: (thrown: unknown) => void
}

/**
 * Hands on what `haup failover` and `haup standby` have asked for from one life of the engine to the next, in the run directory: reads it
 * before the engine starts, then follows. A file that cannot be read is said and ignored, one that cannot be written is
 * said.
 */
export async function keepHolds(options: HoldKeeperOptions): Promise<{ readonly idle: () => Promise<void> }> {
  const { loop, clock, wallClock, bootMoment, onBug } = options
  const path = join(options.runDir, HOLDS_FILE)
  const clocks = (): Clocks => ({ now: clock.now(), wall: wallClock(), boot: bootMoment() })
  const lane = createLane(onBug)
  const say = (level: LogRecord['level'], code: string, message: string, subject = 'haup'): void =>
    options.log({ level, subject, code: `hold.${code}`, message })

  const write = async (content: string | undefined): Promise<void> => {
    try {
      await (content === undefined ? rm(path, { force: true }) : replaceFile(path, content))
    } catch (thrown) {
      say('warn', 'not-kept', `${path} cannot be written, a restart will not know of this: ${messageOf(thrown)}`)
    }
  }
  let key: string | undefined
  const keep = (state: EngineState): void => {
    const next = holdsKey(state)
    if (next === key) return
    key = next
    const content = formatHolds(state, clocks())
    lane.push(() => write(content))
  }
  let last = loop.state()
  const follow = (state: EngineState, touched: readonly InstancePlan[]): void => {
    const before = last
    last = state
    if (isHoldTouched(before, state, touched)) keep(state)
  }
  const restore = ({ instance, since, until, standby, strict }: KeptHold): void => {
    if (!loop.plan().instances.some(({ name }) => name === instance)) return
    if (until !== undefined && until <= clock.now()) {
      say('info', 'over', 'the time of the hand-over passed while the engine did not run', instance)
    } else loop.dispatch({ kind: 'hold', now: clock.now(), instances: [instance], until, since, standby, strict })
  }

  const content = await read(path)
  const kept = content.kind === 'text' ? parseHolds(content.text, clocks()) : undefined
  if (content.kind === 'unreadable') say('warn', 'ignored', `${path} is ignored: ${content.why}`)
  else if (kept?.ok === false) say('warn', 'ignored', `${path} is ignored: ${kept.error}`)
  else if (kept?.ok === true) for (const hold of kept.value) restore(hold)
  last = loop.state()
  keep(last)
  loop.watch(follow)
  return { idle: lane.idle }
}

const isHoldTouched = (before: EngineState, after: EngineState, touched: readonly InstancePlan[]): boolean =>
  before.instances.size !== after.instances.size ||
  touched.some(({ name }) => before.instances.get(name)?.hold !== after.instances.get(name)?.hold)

type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly why: string }

async function read(path: string): Promise<Content> {
  try {
    return { kind: 'text', text: await readFile(path, 'utf8') }
  } catch (thrown) {
    const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
    return isMissing ? { kind: 'none' } : { kind: 'unreadable', why: messageOf(thrown) }
  }
}

/** Whole or not at all, for us alone. */
async function replaceFile(path: string, content: string): Promise<void> {
  const next = `${path}.new`
  await rm(next, { force: true })
  await writeFile(next, content, { mode: 0o600, flag: 'wx' })
  await rename(next, path)
}
