import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isAlive, signalPid } from './process.ts'
import { labOfNamespace, listNamespaces, pidsIn, removeNamespaces } from './topology.ts'

/** Where a lab keeps everything it writes. */
export const directoryOf = (id: string): string => join(tmpdir(), `haup-lab-${id}`)

const OWNER = 'owner'

/** Makes the lab's directory and writes down who runs the lab: the first step of building one. */
export async function claimLab(id: string): Promise<string> {
  const directory = directoryOf(id)
  const unfinished = `${directory}.new`
  // nginx's workers are not root and must be able to enter.
  await mkdir(unfinished, { mode: 0o755 })
  await writeFile(join(unfinished, OWNER), `${process.pid} ${await startTime(process.pid)}\n`)
  // At once with its owner: another lab's clean-up must never see it without.
  await rename(unfinished, directory)
  return directory
}

/** Ends everything that runs in a lab's namespaces, removes them and the lab's directory. Idempotent. */
export async function removeLab(id: string): Promise<void> {
  const namespaces = (await listNamespaces()).filter((name) => labOfNamespace(name) === id)
  await endProcesses(namespaces)
  await removeNamespaces(namespaces)
  await rm(directoryOf(id), { recursive: true, force: true })
}

/** Removes every lab whose process is gone (crashed, or left running by `--keep`); returns their ids. */
export async function removeLeftOverLabs(): Promise<readonly string[]> {
  const abandoned: string[] = []
  for (const id of await listLabs()) if (!(await hasOwner(id))) abandoned.push(id)
  for (const id of abandoned) await removeLab(id)
  return abandoned
}

async function listLabs(): Promise<readonly string[]> {
  const byNamespace = (await listNamespaces()).map(labOfNamespace)
  const byDirectory = (await readdir(tmpdir())).map((name) => /^haup-lab-([a-z0-9]+)$/.exec(name)?.[1])
  return [...new Set([...byNamespace, ...byDirectory].filter((id) => id !== undefined))].sort()
}

/** A lab belongs to the process that built it, as long as that lives (same PID and start time). */
async function hasOwner(id: string): Promise<boolean> {
  const [pid, started] = (await readFile(join(directoryOf(id), OWNER), 'utf8').catch(() => '')).trim().split(' ')
  return pid !== undefined && started !== undefined && (await startTime(Number(pid))) === started
}

/** Field 22 of /proc/PID/stat; the fields are counted after the name, which may contain anything. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'gone'
}

const GRACE_MS = 2_000
const POLL_MS = 20

/** SIGTERM to all (stopped ones are woken for it), SIGKILL to those that are left after the grace. */
async function endProcesses(namespaces: readonly string[]): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const pids = (await Promise.all(namespaces.map(pidsIn))).flat()
    for (const pid of pids) {
      signalPid(pid, signal)
      signalPid(pid, 'SIGCONT')
    }
    await gone(pids, GRACE_MS)
  }
}

/** They are not our children, so there is no event to wait for. */
async function gone(pids: readonly number[], withinMs: number): Promise<void> {
  for (let waited = 0; waited < withinMs && pids.some(isAlive); waited += POLL_MS) await delay(POLL_MS)
}
