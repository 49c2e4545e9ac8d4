import { readdir, readFile } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { listInterfaces } from '../../engine/io/links.ts'
import { isOurs } from '../../engine/vip/tag.ts'
import type { HostFacts, KeepalivedFacts, SystemFacts } from './facts.ts'
import { detectFirewall } from './firewall.ts'
import { interpretMachine, type MachineSigns } from './interpret-machine.ts'
import {
  gatewayOf,
  hasMulticast,
  interpretInterfaces,
  interpretKeepalived,
  interpretProcNetRoute,
} from './interpret-network.ts'
import { type Dmi, interpretPlatform } from './interpret-platform.ts'
import { findMainProcesses } from './processes.ts'
import { isThere } from './run.ts'
import { detectWebServers } from './web-server.ts'

/** All but what needs a choice or time: which server is watched, what it answers, and who is heard on the LAN. */
export type BoxFacts = Omit<HostFacts, 'webServer' | 'answers' | 'heard' | 'system'> & {
  readonly system: Omit<SystemFacts, 'writesSystem'>
}

/** Looks at this box. Reads only; whatever cannot be seen is left out, so that a proposal is missing, not wrong. */
export async function detectBox(): Promise<BoxFacts> {
  const [routes, addresses, withoutMulticast, servers, keepalived, dmi, signs, firewall, system] = await Promise.all([
    readText('/proc/net/route'),
    detectAddresses(),
    findWithoutMulticast(),
    detectWebServers(),
    detectKeepalived(),
    readDmi(),
    readMachineSigns(),
    detectFirewall(),
    detectSystem(),
  ])
  const preferred = interpretInterfaces(networkInterfaces(), interpretProcNetRoute(routes))
  return {
    hostname: hostname().split('.')[0] ?? hostname(),
    addresses: preferred.map((each) => ({ ...each, isOurs: addresses.has(`${each.interface} ${each.address}`) })),
    gateway: gatewayOf(routes),
    withoutMulticast,
    servers,
    keepalived,
    platform: interpretPlatform(dmi),
    machine: interpretMachine({ ...signs, dmi }),
    firewall,
    system,
  }
}

/** Those that carry haup's tag: an engine runs, or has left them. */
async function detectAddresses(): Promise<ReadonlySet<string>> {
  const interfaces = await listInterfaces()
  const ours = interfaces.flatMap(({ name, addresses }) =>
    addresses.filter((each) => isOurs(each, name)).map(({ address }) => `${name} ${address}`),
  )
  return new Set(ours)
}

async function findWithoutMulticast(): Promise<string[]> {
  const names = await readdir('/sys/class/net').catch(() => [])
  const flags = await Promise.all(names.map((name) => readText(`/sys/class/net/${name}/flags`)))
  return names.filter((name, index) => name !== 'lo' && flags[index] !== '' && !hasMulticast(flags[index] ?? ''))
}

async function detectKeepalived(): Promise<KeepalivedFacts | undefined> {
  const [content, processes] = await Promise.all([
    readText('/etc/keepalived/keepalived.conf'),
    findMainProcesses(['keepalived']),
  ])
  const isRunning = processes.length > 0
  return content === '' && !isRunning ? undefined : { ...interpretKeepalived(content), isRunning }
}

const DMI = '/sys/class/dmi/id'

async function readDmi(): Promise<Dmi> {
  const names = await readdir(DMI).catch(() => [])
  const fields = await Promise.all(names.map(async (name) => [name, await readText(join(DMI, name))] as const))
  return Object.fromEntries(fields)
}

async function readMachineSigns(): Promise<Omit<MachineSigns, 'dmi'>> {
  const [cpuinfo, boardModel, type, hasNode] = await Promise.all([
    readText('/proc/cpuinfo'),
    readText('/proc/device-tree/model'),
    readText('/sys/hypervisor/type'),
    isThere('/proc/device-tree/hypervisor'),
  ])
  return { cpuinfo, boardModel, hasHypervisorNode: hasNode || type.trim() !== '' }
}

/** `60-haup.conf` is haup's own: what it has set is no reason to leave it out. */
export const SYSCTL_FILE = '/etc/sysctl.d/60-haup.conf'
const PACKAGED_UNITS = ['/usr/lib/systemd/system/haup.service', '/lib/systemd/system/haup.service']

async function detectSystem(): Promise<BoxFacts['system']> {
  const [hasSystemd, units, value, isOwn] = await Promise.all([
    isThere('/run/systemd/system'),
    Promise.all(PACKAGED_UNITS.map(isThere)),
    readText('/proc/sys/net/ipv4/ip_nonlocal_bind'),
    isThere(SYSCTL_FILE),
  ])
  return {
    hasSystemd,
    hasPackagedUnit: units.includes(true),
    nonlocalBind: value.trim() === '1' && !isOwn,
    program: await findProgram(process.argv[1] ?? ''),
  }
}

/** How haup was called, unless it is known by a shorter name. */
async function findProgram(called: string): Promise<string | undefined> {
  const usual = ['/usr/bin/haup', '/usr/local/bin/haup', '/usr/sbin/haup']
  const own = called.replace(/\/haup\.js$/, '/haup')
  for (const path of [...usual, own]) {
    // A path with blanks or the like cannot stand in a unit file as it is.
    if (/^\/[A-Za-z0-9/._+-]*\/haup$/.test(path) && (await isThere(path))) return path
  }
  return undefined
}

const readText = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
