import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A process that gets next to no processor time: one millisecond in each second, of all processors together. */
const QUOTA_US = 1_000
const PERIOD_US = 1_000_000

export type Starved = { readonly how: string; readonly [Symbol.asyncDispose]: () => Promise<void> }

/** By a cgroup of version 2 or 1; where neither can limit the processor, by signals, which is rougher. */
export async function starve(pid: number): Promise<Starved> {
  const own = `haup-test-${pid}`
  const [root, setting, value] = (await has('/sys/fs/cgroup/cgroup.controllers', /\bcpu\b/))
    ? ['/sys/fs/cgroup', 'cpu.max', `${QUOTA_US} ${PERIOD_US}`]
    : ['/sys/fs/cgroup/cpu', 'cpu.cfs_quota_us', `${QUOTA_US}`]
  const group = join(root, own)
  try {
    if (setting === 'cpu.max') await writeFile(join(root, 'cgroup.subtree_control'), '+cpu')
    await mkdir(group)
  } catch {
    return bySignals(pid)
  }
  if (setting !== 'cpu.max') await writeFile(join(group, 'cpu.cfs_period_us'), `${PERIOD_US}`)
  await writeFile(join(group, setting), value)
  await writeFile(join(group, 'cgroup.procs'), `${pid}`)
  const leave = async (): Promise<void> => {
    // What it has started meanwhile is in the group, too.
    for (const each of (await readFile(join(group, 'cgroup.procs'), 'utf8')).split('\n').filter(Boolean))
      await writeFile(join(root, 'cgroup.procs'), each).catch(() => undefined)
    await rmdir(group)
  }
  return { how: `${group}/${setting} ${value}`, [Symbol.asyncDispose]: leave }
}

const has = async (file: string, what: RegExp): Promise<boolean> =>
  what.test(await readFile(file, 'utf8').catch(() => ''))

function bySignals(pid: number): Starved {
  const stop = new AbortController()
  const pause = (us: number): Promise<void> =>
    delay(us / 1_000, undefined, { signal: stop.signal }).catch(() => undefined)
  const ration = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      process.kill(pid, 'SIGSTOP')
      await pause(PERIOD_US - QUOTA_US)
      process.kill(pid, 'SIGCONT')
      await pause(QUOTA_US)
    }
    process.kill(pid, 'SIGCONT')
  }
  const ended = ration()
  const leave = async (): Promise<void> => {
    stop.abort()
    await ended
  }
  return { how: 'SIGSTOP and SIGCONT', [Symbol.asyncDispose]: leave }
}
