import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { signalPid } from './process.ts'
import { inNamespace, runOrThrow } from './run.ts'

export const NGINX = '/usr/sbin/nginx'

/**
 * A real nginx in a box, with everything it owns below one directory. It runs as a daemon with a PID file, as on any
 * server, so it outlives whoever started it.
 */
export type LabNginx = {
  readonly configFile: string
  readonly pidFile: string
  /** What an engine runs to test the configuration, and to start nginx again. */
  readonly testArgv: readonly string[]
  readonly startArgv: readonly string[]
  readonly start: () => Promise<void>
  /** PID of the running main process; undefined when none runs. */
  readonly pid: () => Promise<number | undefined>
  /** Sends a signal to the main process and its workers. */
  readonly signal: (signal: NodeJS.Signals) => Promise<void>
  /** Makes the configuration faulty (a directive nginx does not know), without telling the running nginx. */
  readonly breakConfig: () => Promise<void>
  readonly repairConfig: () => Promise<void>
  /** Makes every page answer 500, without a reload, until `answerNormally`. */
  readonly answer500: () => Promise<void>
  readonly answerNormally: () => Promise<void>
}

/** Prepares the directory; nginx is started by `start`. */
export async function prepareNginx(namespace: string, boxName: string, directory: string): Promise<LabNginx> {
  const configFile = join(directory, 'nginx.conf')
  const pidFile = join(directory, 'nginx.pid')
  const failFlag = join(directory, 'answer-500')
  const good = renderConfig(boxName, directory)
  await mkdir(join(directory, 'tmp'), { recursive: true })
  await writeFile(configFile, good)
  const startArgv = [NGINX, '-c', configFile, '-p', directory]
  const pid = () => readPid(pidFile, configFile)
  const signal = async (wanted: NodeJS.Signals) => {
    const main = await pid()
    if (main === undefined) return
    // Workers first: a main process that sees them die would start new ones.
    const workers = await childrenOf(main)
    const order = wanted === 'SIGSTOP' || wanted === 'SIGKILL' ? [main, ...workers] : [...workers, main]
    for (const each of order) signalPid(each, wanted)
  }
  return {
    configFile,
    pidFile,
    testArgv: [...startArgv, '-t'],
    startArgv,
    start: async () => {
      await runOrThrow(inNamespace(namespace, startArgv))
    },
    pid,
    signal,
    breakConfig: () => writeFile(configFile, good.replace('server {', 'server {\n    lisen 8080;')),
    repairConfig: () => writeFile(configFile, good),
    answer500: () => writeFile(failFlag, ''),
    answerNormally: () => rm(failFlag, { force: true }),
  }
}

/** The PID in the file may be of a zombie by now, or of a stranger: nginx's main process tells its command line. */
async function readPid(pidFile: string, configFile: string): Promise<number | undefined> {
  const pid = (await readFile(pidFile, 'utf8').catch(() => '')).trim()
  if (!/^\d+$/.test(pid)) return undefined
  const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return title.startsWith('nginx:') && title.includes(configFile) ? Number(pid) : undefined
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean).map(Number)
}

const renderConfig = (boxName: string, directory: string): string => `
worker_processes 1;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log notice;
events { worker_connections 1024; }
http {
  access_log off;
  default_type text/plain;
  client_body_temp_path ${directory}/tmp/body;
  proxy_temp_path ${directory}/tmp/proxy;
  fastcgi_temp_path ${directory}/tmp/fastcgi;
  uwsgi_temp_path ${directory}/tmp/uwsgi;
  scgi_temp_path ${directory}/tmp/scgi;
  server {
    listen 80;
    if (-f ${directory}/answer-500) { return 500; }
    location / { return 200 "${boxName}\\n"; }
    location = /healthz { return 200 "ok\\n"; }
  }
}
`
