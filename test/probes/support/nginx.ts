import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { readPidFile } from '../../../src/probes/pid-file.ts'
import { hasEnded, listProcesses, type ProcessEntry } from '../../../src/probes/process-table.ts'
import { directory, freePort } from './io.ts'

const run = promisify(execFile)

/** A real nginx with files, port and pid of its own; what `master` has seen is killed when the test ends. */
export async function nginxBox(t: TestContext) {
  const mine = new Set<number>()
  t.after(() => killAll(mine))
  const dir = await directory(t)
  mkdirSync(join(dir, 'logs'))
  const port = await freePort()
  const pidFile = join(dir, 'nginx.pid')
  const configFile = join(dir, 'nginx.conf')
  const configure = (more = ''): void => writeFileSync(configFile, configuration(dir, port, more))
  const argv = ['nginx', '-p', dir, '-c', configFile, '-e', join(dir, 'logs/error.log')]
  /** The command returns a moment before its daemon has written the file. */
  const master = async (): Promise<number> => {
    for (;;) {
      const pid = await readPidFile(pidFile)
      if (pid.ok) {
        mine.add(pid.value)
        return pid.value
      }
      await delay(5)
    }
  }
  configure()
  return {
    argv,
    configTest: [...argv, '-t'],
    configFile,
    pidFile,
    url: `http://127.0.0.1:${port}/`,
    port,
    configure,
    master,
    processes: () => membersOf(mine),
    start: async () => {
      await run('nginx', argv.slice(1))
      await master()
      // The workers are started after the file is written.
      while ((await membersOf(mine)).length < 1 + WORKERS) await delay(5)
    },
  }
}

const WORKERS = 2

const configuration = (dir: string, port: number, more: string): string => `user www-data;
worker_processes ${WORKERS};
pid ${dir}/nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  server {
    listen 127.0.0.1:${port};
    location / { return 200 "served\\n"; }
  }
  ${more}
}
`

/** Masters and workers: each master leads a session, in which its workers are. */
const membersOf = async (masters: ReadonlySet<number>): Promise<readonly ProcessEntry[]> =>
  (await listProcesses()).filter((entry) => masters.has(entry.session) && !hasEnded(entry))

async function killAll(masters: ReadonlySet<number>): Promise<void> {
  for (const entry of await membersOf(masters)) process.kill(entry.pid, 'SIGKILL')
}
