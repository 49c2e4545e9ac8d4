import { readFile, rm, writeFile } from 'node:fs/promises'
import { signalPid } from './process.ts'
import { inNamespace, runOrThrow } from './run.ts'

/**
 * A real web server in a box, with everything it owns below one directory. It runs as a daemon with a PID file, as on any
 * server, so it outlives whoever started it. Pages: `/` and `/index.html` (the box's name), `/healthz`.
 */
export type LabServer = {
  readonly kind: 'nginx' | 'apache'
  readonly configFile: string
  readonly pidFile: string
  /** Every `*.conf` in it is read: inside nginx's `http`, at apache's top level. */
  readonly includeDirectory: string
  /** What an engine runs to test the configuration, and to start the server again. */
  readonly testArgv: readonly string[]
  readonly startArgv: readonly string[]
  readonly start: () => Promise<void>
  /** Gracefully: `nginx -s reload`, `apachectl graceful`. */
  readonly reload: () => Promise<void>
  /** PID of the running main process; undefined when none runs. */
  readonly pid: () => Promise<number | undefined>
  /** Sends a signal to the main process and its workers. */
  readonly signal: (signal: NodeJS.Signals) => Promise<void>
  /** Makes the configuration faulty (a directive the server does not know), without telling the running one. */
  readonly breakConfig: () => Promise<void>
  readonly repairConfig: () => Promise<void>
  /** Makes every page answer 500, without a reload, until `answerNormally`. */
  readonly answer500: () => Promise<void>
  readonly answerNormally: () => Promise<void>
}

/** What differs from server to server. */
export type ServerParts = Pick<
  LabServer,
  'kind' | 'configFile' | 'pidFile' | 'includeDirectory' | 'testArgv' | 'startArgv'
> & {
  readonly reloadArgv: readonly string[]
  /** While this file is there, every page answers 500. */
  readonly failFlag: string
  readonly good: () => string
  readonly faulty: () => string
}

export function createServer(
  namespace: string,
  { reloadArgv, failFlag, good, faulty, ...parts }: ServerParts,
): LabServer {
  const run = async (argv: readonly string[]): Promise<void> => {
    await runOrThrow(inNamespace(namespace, argv))
  }
  const pid = () => readPid(parts.pidFile, parts.configFile)
  return {
    ...parts,
    start: async () => {
      // A killed server leaves its pid file, and apache believes it while the number exists.
      if ((await pid()) === undefined) await rm(parts.pidFile, { force: true })
      await run(parts.startArgv)
    },
    reload: () => run(reloadArgv),
    pid,
    signal: async (wanted) => {
      const main = await pid()
      if (main !== undefined) await signalFamily(main, wanted)
    },
    breakConfig: () => writeFile(parts.configFile, faulty()),
    repairConfig: () => writeFile(parts.configFile, good()),
    answer500: () => writeFile(failFlag, ''),
    answerNormally: () => rm(failFlag, { force: true }),
  }
}

async function signalFamily(main: number, signal: NodeJS.Signals): Promise<void> {
  const workers = await childrenOf(main)
  // A main process that sees its workers die would start new ones; one that is woken must find them awake.
  const order = signal === 'SIGSTOP' || signal === 'SIGKILL' ? [main, ...workers] : [...workers, main]
  for (const each of order) signalPid(each, signal)
}

/** The PID in the file may be of a zombie by now, or of a stranger: the main process has its command line. */
async function readPid(pidFile: string, configFile: string): Promise<number | undefined> {
  const pid = (await readFile(pidFile, 'utf8').catch(() => '')).trim()
  if (!/^\d+$/.test(pid)) return undefined
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return line.includes(configFile) ? Number(pid) : undefined
}

export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean).map(Number)
}
