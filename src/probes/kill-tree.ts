import { setTimeout as delay } from 'node:timers/promises'
import { hasEnded, listProcesses, type ProcessEntry } from './process-table.ts'

/** What a command has started, and what that has: also in sessions of their own, unless its parent has let go of it. PURE. */
export function familyOf(pid: number, table: readonly ProcessEntry[], known: Family = NOBODY): Family {
  const pids = new Set([pid, ...known.pids])
  const sessions = new Set([pid, ...known.sessions])
  const isOne = ({ parent, session }: ProcessEntry): boolean => pids.has(parent) || sessions.has(session)
  for (let before = 0; before < pids.size; ) {
    before = pids.size
    for (const entry of table) {
      if (!isOne(entry)) continue
      pids.add(entry.pid)
      if (entry.session === entry.pid) sessions.add(entry.pid)
    }
  }
  return { pids, sessions }
}

export type Family = { readonly pids: ReadonlySet<number>; readonly sessions: ReadonlySet<number> }

const NOBODY: Family = { pids: new Set(), sessions: new Set() }

/** What is not listed by then is not waited for. */
const LIST_MS = 100
/** Who starts others while it is being ended is looked at again. */
const ROUNDS = 3

/**
 * Ends a command by SIGKILL, with its process group, its session and its children, also those that called setsid. A daemon
 * that it has started in order (its parent has ended) is none of them: a check may have started the web server.
 */
export async function killTree(pid: number, list = listProcesses): Promise<void> {
  let family: Family = NOBODY
  for (let round = 0; round < ROUNDS; round += 1) {
    const table = await Promise.race([list(), delay(LIST_MS, [], { ref: false })])
    family = familyOf(pid, table, family)
    if (round === 0) kill(-pid)
    const left = table.filter((entry) => family.pids.has(entry.pid) && !hasEnded(entry))
    for (const entry of left) kill(entry.pid)
    // Its group is all there was.
    if (left.every(({ session }) => session === pid)) return
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
