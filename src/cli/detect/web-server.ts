import { constants } from 'node:fs'
import { access, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Listening, WebServer } from './facts.ts'
import { interpretProcNetTcp } from './interpret-network.ts'
import { interpretApacheV, interpretNginxV, interpretPidFile, isUnitLoaded } from './interpret-server.ts'

/** Looks for nginx and apache on this box; only reads and asks for versions. What is not there or does not answer is undefined. */

type Candidate = {
  readonly kind: WebServer['kind']
  readonly binaries: readonly string[]
  /** Names of the process, as in /proc/PID/comm. */
  readonly processes: readonly string[]
  readonly units: readonly string[]
  readonly pidFiles: (output: string) => readonly string[] | undefined
}

const CANDIDATES: readonly Candidate[] = [
  {
    kind: 'nginx',
    binaries: ['nginx'],
    processes: ['nginx'],
    units: ['nginx.service'],
    pidFiles: (output) => {
      const build = interpretNginxV(output)
      return build === undefined ? undefined : [build.pidFile, '/run/nginx.pid']
    },
  },
  {
    kind: 'apache',
    binaries: ['apache2ctl', 'apachectl', 'httpd'],
    processes: ['apache2', 'httpd'],
    units: ['apache2.service', 'httpd.service'],
    pidFiles: (output) => {
      const build = interpretApacheV(output)
      if (build === undefined) return undefined
      return [
        '/run/apache2/apache2.pid',
        '/run/httpd/httpd.pid',
        ...(build.pidFile === undefined ? [] : [build.pidFile]),
      ]
    },
  },
]

/** The server of this box: the one that runs, else nginx, else apache. */
export async function detectWebServer(): Promise<WebServer | undefined> {
  const found = (await Promise.all(CANDIDATES.map(detectOne))).filter((server) => server !== undefined)
  return found.find(({ isRunning }) => isRunning) ?? found[0]
}

async function detectOne(candidate: Candidate): Promise<WebServer | undefined> {
  const control = await findBinary(candidate.binaries)
  const pidFiles = control === undefined ? undefined : candidate.pidFiles(await outputOf(control, ['-V']))
  if (control === undefined || pidFiles === undefined) return undefined
  const main = await findMain(pidFiles, candidate.processes)
  return {
    kind: candidate.kind,
    control,
    pidFile: main?.pidFile ?? pidFiles[0],
    unit: await findUnit(candidate.units),
    isRunning: main !== undefined,
    listening: main === undefined ? [] : await listeningOf(main.pid),
  }
}

async function findBinary(names: readonly string[]): Promise<string | undefined> {
  const fromPath = (process.env.PATH ?? '').split(':').filter((directory) => directory.startsWith('/'))
  const directories = [...fromPath, '/usr/sbin', '/usr/local/nginx/sbin', '/usr/local/sbin', '/usr/local/apache2/bin']
  for (const path of names.flatMap((name) => directories.map((directory) => join(directory, name)))) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return undefined
}

/** Both streams: nginx writes its version to stderr. */
async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const result = await execa(command, args, { reject: false, all: true, timeout: 5_000, stdin: 'ignore' })
  return result.all ?? ''
}

async function findUnit(names: readonly string[]): Promise<string | undefined> {
  const systemdRuns = await access('/run/systemd/system').then(
    () => true,
    () => false,
  )
  if (!systemdRuns) return undefined
  for (const unit of names) {
    if (isUnitLoaded(await outputOf('systemctl', ['show', '--property=LoadState', unit]))) return unit
  }
  return undefined
}

async function findMain(
  pidFiles: readonly string[],
  names: readonly string[],
): Promise<{ pid: number; pidFile: string } | undefined> {
  for (const pidFile of pidFiles) {
    const pid = interpretPidFile(await readText(pidFile))
    const name = pid === undefined ? '' : (await readText(`/proc/${pid}/comm`)).trim()
    if (pid !== undefined && names.includes(name)) return { pid, pidFile }
  }
  return undefined
}

/** The main process keeps the listening sockets open; its workers inherit them. */
async function listeningOf(pid: number): Promise<Listening[]> {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []).map(Number))
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readText(`/proc/${pid}/net/${table}`)))
  const own = tables.flatMap(interpretProcNetTcp).filter(({ inode }) => inodes.has(inode))
  return own.map(({ address, port }) => ({ address, port }))
}

const readText = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
