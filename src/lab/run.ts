import { execa } from 'execa'
import { EXIT, UserError } from '../shared/errors.ts'
import { printable } from '../shared/log.ts'

/** What a finished program left behind. `code` is undefined when a signal ended it. */
export type Finished = { readonly code: number | undefined; readonly stdout: string; readonly stderr: string }

export type RunOptions = { readonly input?: string; readonly timeoutMs?: number }

/** Runs a program with fixed arguments, without a shell, and waits for it; its failure is a value. */
export async function runProgram(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [file = '', ...args] = argv
  const result = await execa(file, args, {
    reject: false,
    timeout: options.timeoutMs ?? 30_000,
    stripFinalNewline: false,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  })
  if (result.exitCode === undefined && result.signal === undefined)
    throw notRunnable(file, result.shortMessage ?? 'unknown reason')
  return { code: result.exitCode, stdout: String(result.stdout), stderr: String(result.stderr) }
}

/** As `runProgram`, for programs that must succeed: resolves with what they wrote, throws what they complained about. */
export async function runOrThrow(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runProgram(argv, options)
  if (code === 0) return stdout
  const complaint = printable(stderr.trim() === '' ? stdout : stderr)
  throw new UserError(`${argv.join(' ')} failed (${code ?? 'killed'}): ${complaint}`, {
    code: 'lab.command-failed',
    exitCode: EXIT.environment,
    nextSteps: ['haup lab --clean (removes what earlier labs left behind)'],
  })
}

/** Runs `ip` commands in one process, in a namespace or (undefined) in the machine's own one. */
export async function ipBatch(namespace: string | undefined, commands: readonly string[]): Promise<void> {
  const where = namespace === undefined ? [] : ['-n', namespace]
  await runOrThrow(['ip', ...where, '-batch', '-'], { input: `${commands.join('\n')}\n` })
}

/** The argv that runs a program inside a namespace; `ip` execs it, so the process keeps its PID. */
export const inNamespace = (namespace: string, argv: readonly string[]): readonly string[] => [
  'ip',
  'netns',
  'exec',
  namespace,
  ...argv,
]

const notRunnable = (file: string, message: string): UserError =>
  new UserError(`${file} cannot be run: ${printable(message)}`, {
    code: 'lab.program-missing',
    exitCode: EXIT.environment,
    nextSteps: ['sh scripts/setup.sh --lab (installs what the lab drives: iproute2, nftables, nginx, …)'],
  })
