import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LabProcess, signalPid, startProcess } from '../../../src/lab/process.ts'
import { type Host, INTERFACE } from '../../../src/lab/topology.ts'

export type Keepalived = LabProcess & {
  /** A crash of all of it: whichever of its two processes dies alone, the other one resigns or starts it again. */
  readonly killSilently: () => Promise<void>
  /** Of both processes. */
  readonly pids: () => Promise<readonly number[]>
  /** A signal to both processes. */
  readonly signalAll: (signal: NodeJS.Signals) => Promise<void>
}

export type KeepalivedOptions = {
  readonly version: 2 | 3
  readonly vrid: number
  readonly priority: number
  /** Seconds; version 3 allows fractions. */
  readonly advertInterval: number
  readonly address: string
  readonly preempt: boolean
  readonly password?: string
  /** Run each second (vrrp_script, fall 2, rise 2); the address goes when it fails. A whole command line. */
  readonly check?: string
  /** In place of `check`: run every so many seconds, and what follows from it is the script's own doing. */
  readonly script?: { readonly argv: string; readonly interval: number }
  /** Seconds after becoming master until gratuitous ARP is sent again; keepalived's own default is 5. */
  readonly garpDelay?: number
}

/** Awaited in keepalived's own log. */
export const ENTERED_MASTER = /\(www\) Entering MASTER STATE/
export const ENTERED_BACKUP = /\(www\) Entering BACKUP STATE/

/** Debian's keepalived, in the foreground, logging to its standard output. */
export const startKeepalived = (host: Host, labDirectory: string, options: KeepalivedOptions): Promise<Keepalived> =>
  runKeepalived(host, labDirectory, renderConfig(options))

/** The same with a whole configuration file. */
export async function runKeepalived(host: Host, labDirectory: string, configuration: string): Promise<Keepalived> {
  const directory = join(labDirectory, `keepalived-${host.name}`)
  await mkdir(directory, { recursive: true })
  const config = join(directory, 'keepalived.conf')
  await writeFile(config, configuration)
  const vrrpPid = join(directory, 'vrrp.pid')
  const childPid = async () => Number(await readFile(vrrpPid, 'utf8'))
  const started = startProcess({
    name: `keepalived on ${host.name}`,
    namespace: host.namespace,
    argv: [
      'keepalived',
      '--dont-fork',
      '--log-console',
      '--log-detail',
      '--vrrp',
      `--use-file=${config}`,
      `--pid=${join(directory, 'keepalived.pid')}`,
      `--vrrp_pid=${vrrpPid}`,
    ],
    logFile: join(directory, 'log'),
  })
  const killSilently = async () => {
    started.signal('SIGSTOP')
    signalPid(await childPid(), 'SIGKILL')
    started.signal('SIGKILL')
    await started.exited
  }
  const signalAll = async (signal: NodeJS.Signals) => {
    const child = await childPid()
    started.signal(signal)
    signalPid(child, signal)
  }
  const pids = async () => [started.pid, await childPid()]
  return { ...started, killSilently, pids, signalAll }
}

const renderConfig = (options: KeepalivedOptions): string => `
global_defs {
  vrrp_version ${options.version}
  vrrp_garp_master_delay ${options.garpDelay ?? 1}
  script_user root
}
${options.script === undefined ? '' : `vrrp_script web {\n script "${options.script.argv}"\n interval ${options.script.interval}\n timeout 10\n}`}
${options.check === undefined ? '' : `vrrp_script web {\n script "${options.check}"\n interval 1\n timeout 1\n fall 2\n rise 2\n}`}
vrrp_instance www {
  state BACKUP
  ${options.preempt ? '' : 'nopreempt'}
  interface ${INTERFACE}
  virtual_router_id ${options.vrid}
  priority ${options.priority}
  advert_int ${options.advertInterval}
  ${options.password === undefined ? '' : `authentication { \n auth_type PASS\n auth_pass ${options.password}\n }`}
  virtual_ipaddress {
    ${options.address}/24
  }
  ${options.check === undefined && options.script === undefined ? '' : 'track_script {\n web\n }'}
}
`
