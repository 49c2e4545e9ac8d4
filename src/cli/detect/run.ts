import { access } from 'node:fs/promises'
import { execa } from 'execa'

export type Output = {
  readonly ok: boolean
  readonly stdout: string
  /** Both streams: nginx writes its version to stderr. */
  readonly all: string
}

/** Longest time for a program that only reports. */
const WITHIN_MS = 10_000

/** Runs a program with a fixed argv, without input. One that cannot be started is `ok: false` with its reason in `all`. */
export async function outputOf(command: string, args: readonly string[], timeout = WITHIN_MS): Promise<Output> {
  const result = await execa(command, args, { reject: false, all: true, timeout, stdin: 'ignore' })
  const why = result.exitCode === undefined ? (result.shortMessage ?? '') : ''
  return { ok: result.exitCode === 0, stdout: result.stdout, all: result.all || why }
}

export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
