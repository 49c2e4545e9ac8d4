import { join } from 'node:path'
import { renderHaupService } from '../../templates/haup-service.ts'
import { readTemplate } from '../../templates/read-template.ts'
import { type PoolServer, renderHealth, renderUpstream } from '../../templates/side-files.ts'
import type { HostFacts, WebServer } from '../detect/facts.ts'
import { SYSCTL_FILE } from '../detect/host.ts'
import { type FirewallPlan, planFirewall } from './init-firewall.ts'
import type { ServerControl } from './init-manifest.ts'
import type { NewFile } from './init-write.ts'

/** What is written beside haup.yaml on one box. */
export type SideWishes = {
  /** Port of a health location to be written. */
  readonly healthPort: number | undefined
  readonly pool: { readonly name: string; readonly servers: readonly PoolServer[] } | undefined
  readonly unit: boolean
  readonly nonlocalBind: boolean
  readonly firewall: string
  /** Addresses of the other nodes. */
  readonly peers: readonly string[]
  /** Of the peer channel; `addresses` of the other nodes on all lines. */
  readonly channel: { readonly port: number; readonly addresses: readonly string[] } | undefined
}

/** What a file is to init: server files are tested before they stay, a firewall's own file needs no further consent. */
export type PlannedFile = NewFile & {
  readonly role: 'config' | 'password' | 'key' | 'server' | 'unit' | 'sysctl' | 'firewall'
}

/** Not shown, and private. */
export const isSecret = ({ role }: Pick<PlannedFile, 'role'>): boolean => role === 'password' || role === 'key'

export type SidePlan = {
  readonly files: readonly PlannedFile[]
  readonly server: ServerControl | undefined
  readonly sysctls: readonly { readonly path: string; readonly value: string }[]
  readonly firewall: FirewallPlan
}

const UNIT_FILE = '/etc/systemd/system/haup.service'
const NONLOCAL_BIND = '/proc/sys/net/ipv4/ip_nonlocal_bind'

/** Nothing is changed yet. Every path begins with `root`. */
export async function planSide(facts: HostFacts, wishes: SideWishes, root: string): Promise<SidePlan> {
  const firewall = await planFirewall(facts.firewall, wishes.firewall, wishes)
  const server = await planServerFiles(facts.webServer, wishes)
  const files = [...server, ...(await planUnit(facts, wishes)), ...(await planSysctl(wishes)), ...firewall.files]
  return {
    files: files.map((file) => ({ ...file, path: join(root, file.path) })),
    server: server.length === 0 || facts.webServer === undefined ? undefined : controlOf(facts.webServer),
    sysctls: wishes.nonlocalBind ? [{ path: NONLOCAL_BIND, value: '1' }] : [],
    firewall,
  }
}

async function planServerFiles(server: WebServer | undefined, wishes: SideWishes): Promise<PlannedFile[]> {
  const directory = server?.includeDirectory
  if (server === undefined || directory === undefined) return []
  const files: PlannedFile[] = []
  if (wishes.healthPort !== undefined) {
    const template = await readTemplate(`haup-health.${server.kind}.conf`)
    files.push(...serverFile(directory, 'haup-health.conf', renderHealth(template, wishes.healthPort)))
  }
  if (wishes.pool !== undefined) {
    const content = renderUpstream(await readTemplate('haup-upstream.conf'), wishes.pool.name, wishes.pool.servers)
    files.push(...serverFile(directory, 'haup-upstream.conf', content))
  }
  return files
}

/** Debian's way: the file in conf-available, a link to it in conf-enabled (a2enconf, a2disconf). */
function serverFile(directory: string, name: string, content: string): PlannedFile[] {
  const file = { content, mode: 0o644, role: 'server' } as const
  if (!directory.endsWith('/conf-enabled')) return [{ ...file, path: join(directory, name) }]
  const link = { content: `../conf-available/${name}`, mode: 0o777, isLink: true, role: 'server' } as const
  return [
    { ...file, path: join(directory, '../conf-available', name) },
    { ...link, path: join(directory, name) },
  ]
}

async function planUnit({ system }: HostFacts, { unit }: SideWishes): Promise<PlannedFile[]> {
  if (!unit) return []
  const content = renderHaupService(await readTemplate('haup.service'), system.program ?? '/usr/bin/haup')
  return [{ path: UNIT_FILE, content, mode: 0o644, role: 'unit' }]
}

async function planSysctl({ nonlocalBind }: SideWishes): Promise<PlannedFile[]> {
  if (!nonlocalBind) return []
  return [{ path: SYSCTL_FILE, content: await readTemplate('60-haup.conf'), mode: 0o644, role: 'sysctl' }]
}

function controlOf({ kind, control, options, unit, isRunning }: WebServer): ServerControl {
  const itself = [control, ...options]
  const reload = unit !== undefined ? ['systemctl', 'reload', unit] : [...itself, ...RELOAD[kind]]
  return { test: [...itself, '-t'], reload: isRunning ? reload : [] }
}

const RELOAD: Readonly<Record<WebServer['kind'], readonly string[]>> = {
  nginx: ['-s', 'reload'],
  apache: ['-k', 'graceful'],
}
