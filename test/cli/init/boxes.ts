import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import type { Namespace } from '../../support/netns.ts'
import { HAUP } from '../support/run.ts'

/** A box for `haup init` as it is used: a network namespace, a directory, a real web server. */
export type Box = {
  readonly directory: string
  readonly config: string
  /** `haup init ARGS --config CONFIG` in the box. */
  readonly init: (...args: readonly string[]) => Promise<Ran>
  /** What `scp` of the printed line does: haup.yaml and cluster.key of the other box; returns the path of the first. */
  readonly copyFrom: (other: Box) => string
  /** `haup up`, until it is disposed of (SIGTERM, and waiting for its end). */
  readonly up: () => AsyncDisposable
  /** Status of a GET in the box; 0: nobody answers. */
  readonly get: (url: string) => number
  readonly run: (...argv: readonly string[]) => string
  readonly confD: () => readonly string[]
} & Disposable

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

export function openBox(namespace: Namespace): Box {
  const directory = mkdtempSync(join(tmpdir(), 'haup-box-'))
  for (const name of ['conf.d', 'logs', 'tmp']) mkdirSync(join(directory, name))
  const config = join(directory, 'etc', 'haup.yaml')
  const inside = ['netns', 'exec', namespace.name]
  const run = (...argv: readonly string[]): string =>
    execFileSync('ip', [...inside, ...argv], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return {
    directory,
    config,
    run,
    confD: () => readdirSync(join(directory, 'conf.d')),
    init: async (...args) => {
      const child = spawn('ip', [...inside, HAUP, 'init', ...args, '--config', config], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
      return { code, stdout, stderr }
    },
    copyFrom: (other) => {
      for (const name of ['haup.yaml', 'cluster.key'])
        copyFileSync(join(dirname(other.config), name), join(directory, name))
      return join(directory, 'haup.yaml')
    },
    up: () => {
      const runDir = join(directory, 'run')
      mkdirSync(runDir, { recursive: true })
      const args = [...inside, HAUP, 'up', '--config', config, '--run-dir', runDir]
      const child = spawn('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })
      const ended = once(child, 'close')
      return {
        [Symbol.asyncDispose]: async () => {
          child.kill('SIGTERM')
          await ended
        },
      }
    },
    get: (url) => {
      try {
        return Number(run('curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', url))
      } catch {
        return 0
      }
    },
    [Symbol.dispose]: () => {
      for (const name of ['nginx.pid', 'apache.pid']) end(join(directory, name))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A main process takes its workers along. */
function end(pidFile: string): void {
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM')
  } catch {
    // It does not run.
  }
}

/** Starts nginx; returns when it listens. */
export function startNginx(box: Box, servers: string): void {
  const { directory } = box
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/tmp/${name};`,
  )
  const file = join(directory, 'nginx.conf')
  const http = `http { access_log off; ${paths.join(' ')}\n include conf.d/*.conf;\n ${servers} }`
  writeFileSync(file, `pid ${directory}/nginx.pid; error_log ${directory}/logs/error.log; events {}\n${http}\n`)
  box.run('/usr/sbin/nginx', '-p', directory, '-c', file)
}

/** Starts apache with the least it needs; returns when it listens. */
export async function startApache(box: Box, lines: string): Promise<void> {
  const { directory } = box
  const file = join(directory, 'apache.conf')
  const modules = ['mpm_event', 'authz_core', 'alias'].map(
    (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
  )
  const head = [`ServerRoot "${directory}"`, `PidFile ${directory}/apache.pid`, `ErrorLog ${directory}/logs/error.log`]
  const rest = ['User www-data', 'Group www-data', 'ServerName localhost', lines, 'IncludeOptional conf.d/*.conf']
  writeFileSync(file, `${[...head, ...modules, ...rest].join('\n')}\n`)
  box.run('/usr/sbin/apache2ctl', '-f', file, '-k', 'start')
  await until(() => box.run('ss', '-Hltn') !== '', 'apache does not listen')
}

/** Reloads take effect some milliseconds after the command has ended. */
export async function until(isSo: () => boolean, otherwise: string): Promise<void> {
  for (let attempt = 0; !isSo(); attempt++) {
    if (attempt === 100) throw new Error(otherwise)
    await delay(50)
  }
}
