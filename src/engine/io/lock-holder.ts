import { readFileSync, statSync } from 'node:fs'
import { lockPath } from './engine-lock.ts'

/** The process that holds the engine's lock; undefined when nobody does, or it cannot be seen from here. */
export function lockHolder(directory?: string): number | undefined {
  try {
    return interpretLocks(readFileSync('/proc/locks', 'utf8'), statSync(lockPath(directory)).ino)
  } catch {
    return undefined
  }
}

/** `1: FLOCK  ADVISORY  WRITE 1234 00:1a:5678 0 EOF` (proc_locks(5)); of another PID namespace the process is 0. PURE. */
export function interpretLocks(text: string, inode: number): number | undefined {
  for (const line of text.split('\n')) {
    const [, pid, at] = /^\d+: FLOCK +\S+ +\S+ +(\d+) +[0-9a-f]+:[0-9a-f]+:(\d+) /.exec(line) ?? []
    if (Number(at) === inode && Number(pid) > 0) return Number(pid)
  }
  return undefined
}
