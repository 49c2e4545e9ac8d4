import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createServer, type LabServer } from './server.ts'

/** Debian's; the programs of other distributions have other names. */
export const APACHE = '/usr/sbin/apache2'
const MODULES = '/usr/lib/apache2/modules'

export type LabApache = LabServer & { readonly kind: 'apache' }

/** Prepares the directory; apache is started by `start`. */
export async function prepareApache(namespace: string, boxName: string, directory: string): Promise<LabApache> {
  const configFile = join(directory, 'apache2.conf')
  const includeDirectory = join(directory, 'conf.d')
  const good = renderConfig(directory)
  for (const name of ['run', 'conf.d', 'htdocs']) await mkdir(join(directory, name), { recursive: true })
  await writeFile(join(directory, 'htdocs/index.html'), `${boxName}\n`)
  await writeFile(join(directory, 'htdocs/healthz'), 'ok\n')
  await writeFile(configFile, good)
  const itself = [APACHE, '-f', configFile]
  const server = createServer(namespace, {
    kind: 'apache',
    configFile,
    includeDirectory,
    pidFile: join(directory, 'apache2.pid'),
    testArgv: [...itself, '-t'],
    startArgv: [...itself, '-k', 'start'],
    reloadArgv: [...itself, '-k', 'graceful'],
    failFlag: join(directory, 'answer-500'),
    good: () => good,
    faulty: () => good.replace('Listen 80\n', 'Listen 80\nLisen 8080\n'),
  })
  return { ...server, kind: 'apache' }
}

const renderConfig = (directory: string): string => `
${loadModules('mpm_event', 'authz_core', 'dir', 'mime', 'alias', 'rewrite')}
ServerName lab
Listen 80
User www-data
Group www-data
PidFile ${directory}/apache2.pid
DefaultRuntimeDir ${directory}/run
ErrorLog ${directory}/error.log
TypesConfig /dev/null
StartServers 2
ServerLimit 4
ThreadsPerChild 16
MinSpareThreads 16
MaxSpareThreads 64
MaxRequestWorkers 64

DocumentRoot ${directory}/htdocs
DirectoryIndex index.html
RewriteEngine on
RewriteCond ${directory}/answer-500 -f
RewriteRule ^ - [R=500,L]

IncludeOptional ${directory}/conf.d/*.conf
`

const loadModules = (...names: readonly string[]): string =>
  names.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')
