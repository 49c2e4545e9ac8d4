import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export const ROOT = join(import.meta.dirname, '..', '..', '..')
export const HAUP = join(ROOT, 'bin', 'haup')

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** Runs the real command line (of `dist/`: build it first) as a child and waits for its end. */
export async function runHaup(
  argv: readonly string[],
  options: { env?: NodeJS.ProcessEnv; program?: string } = {},
): Promise<Ran> {
  const child = spawn(options.program ?? HAUP, argv, {
    env: { ...process.env, NO_COLOR: undefined, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, stdout, stderr }
}
