import { constants } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WebServer } from './facts.ts'
import { interpretApacheDump, interpretApacheIncludes } from './interpret-apache.ts'
import { interpretNginxConfig } from './interpret-nginx.ts'
import { chosenConfig, interpretApacheV, interpretNginxV, isUnitLoaded } from './interpret-server.ts'
import { interpretNginxDump } from './nginx-syntax.ts'
import { findMainProcesses, listeningOf, type MainProcess } from './processes.ts'
import { isThere, outputOf } from './run.ts'

/** Looks for nginx and apache on this box; only reads, and asks them for version and configuration. */

/** Every running server (one for each main process), then those that are installed and do not run. */
export async function detectWebServers(): Promise<WebServer[]> {
  const found = (await Promise.all([detectNginx(), detectApache()])).flat()
  return found.toSorted((a, b) => Number(b.isRunning) - Number(a.isRunning))
}

const DIRECTORIES = ['/usr/sbin', '/usr/bin', '/usr/local/nginx/sbin', '/usr/local/sbin', '/usr/local/apache2/bin']

async function detectNginx(): Promise<WebServer[]> {
  const running = await findMainProcesses(['nginx'])
  const installed = await findBinary(['nginx'])
  const mains = running.length > 0 ? running : [undefined]
  const found = await Promise.all(mains.map((main) => describeNginx(main?.program ?? installed, main)))
  return found.filter((server) => server !== undefined)
}

async function describeNginx(
  control: string | undefined,
  main: MainProcess | undefined,
): Promise<WebServer | undefined> {
  const build = control === undefined ? undefined : interpretNginxV((await outputOf(control, ['-V'])).all)
  if (control === undefined || build === undefined) return undefined
  const chosen = chosenConfig(main?.argv ?? [], 'c', 'p')
  const options = chosen.file === undefined || chosen.file === build.configFile ? [] : chosen.options
  const dump = interpretNginxDump((await outputOf(control, [...options, '-T', '-q'])).stdout)
  const config = dump === undefined ? undefined : interpretNginxConfig(dump)
  const pidFile = config?.pidFile ?? build.pidFile
  return {
    kind: 'nginx',
    control,
    options,
    configFile: dump?.mainFile ?? chosen.file ?? build.configFile,
    pidFile: pidFile.startsWith('/') ? pidFile : join(chosen.root ?? build.prefix, pidFile),
    unit: options.length === 0 ? await findUnit(['nginx.service']) : undefined,
    ...(await liveOf(main)),
    sites: config?.sites ?? [],
    includeDirectory: config?.includeDirectory,
  }
}

async function detectApache(): Promise<WebServer[]> {
  const running = await findMainProcesses(['apache2', 'httpd'])
  const mains = running.length > 0 ? running : [undefined]
  const found = await Promise.all(mains.map(describeApache))
  return found.filter((server) => server !== undefined)
}

const APACHE_CONTROLS = ['apache2ctl', 'apachectl', 'httpd']

async function describeApache(main: MainProcess | undefined): Promise<WebServer | undefined> {
  // apachectl stands beside the httpd it belongs to, and knows the environment that a distribution's needs.
  const beside = main === undefined ? [] : [main.program.slice(0, main.program.lastIndexOf('/'))]
  const control = await findBinary(APACHE_CONTROLS, beside)
  const build = control === undefined ? undefined : interpretApacheV((await outputOf(control, ['-V'])).all)
  if (control === undefined || build === undefined) return undefined
  const chosen = chosenConfig(main?.argv ?? [], 'f', 'd')
  const options = chosen.file === undefined || chosen.file === build.configFile ? [] : chosen.options
  const configFile = chosen.file ?? build.configFile
  const [dump, text] = await Promise.all([
    outputOf(control, [...options, '-t', '-D', 'DUMP_VHOSTS', '-D', 'DUMP_RUN_CFG']),
    readFile(configFile, 'utf8').catch(() => ''),
  ])
  const config = interpretApacheDump(dump.stdout)
  return {
    kind: 'apache',
    control,
    options,
    configFile,
    pidFile: config.pidFile ?? build.pidFile,
    unit: options.length === 0 ? await findUnit(['apache2.service', 'httpd.service']) : undefined,
    ...(await liveOf(main)),
    sites: config.sites,
    includeDirectory: interpretApacheIncludes(text, config.root ?? build.root),
  }
}

const liveOf = async (main: MainProcess | undefined) => ({
  isRunning: main !== undefined,
  listening: main === undefined ? [] : await listeningOf(main.pid),
})

async function findBinary(names: readonly string[], first: readonly string[] = []): Promise<string | undefined> {
  const fromPath = (process.env.PATH ?? '').split(':').filter((directory) => directory.startsWith('/'))
  const directories = [...first, ...fromPath, ...DIRECTORIES]
  for (const path of directories.flatMap((directory) => names.map((name) => join(directory, name)))) {
    const isExecutable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isExecutable) return path
  }
  return undefined
}

/** The first of these units that systemd knows. */
async function findUnit(names: readonly string[]): Promise<string | undefined> {
  if (!(await isThere('/run/systemd/system'))) return undefined
  for (const unit of names) {
    if (isUnitLoaded((await outputOf('systemctl', ['show', '--property=LoadState', unit])).all)) return unit
  }
  return undefined
}
