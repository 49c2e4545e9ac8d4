import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Ipv4 } from '../../shared/ip.ts'
import { kernelInterfaces } from './interfaces.ts'
import { type Managers, readManagers } from './managers.ts'

/** Where distributions keep the addresses of interfaces; `*` stands for any part of a file's name. */
const PLACES: readonly string[] = [
  'etc/network/interfaces',
  'etc/network/interfaces.d/*',
  'etc/netplan/*.yaml',
  'etc/systemd/network/*.network',
  'run/systemd/network/*.network',
  'etc/NetworkManager/system-connections/*',
  'etc/sysconfig/network-scripts/ifcfg-*',
  'etc/sysconfig/network/ifcfg-*',
  'etc/rc.local',
]

/** Bounds what is read of a directory that holds something else. */
const MOST_FILES = 64

/** What sets an address on an interface: a file and a line, else the program that manages the interface; null: not found. */
export async function findOrigin(address: Ipv4, interfaceName: string, root = '/'): Promise<string | null> {
  for (const file of (await Promise.all(PLACES.map((place) => filesOf(root, place)))).flat()) {
    const line = findLine(await readFile(join(root, file), 'utf8').catch(() => ''), address)
    if (line !== undefined) return `/${file}, line ${line}`
  }
  const index = kernelInterfaces.indexOf(interfaceName)
  return describeManager(await readManagers(interfaceName, index.ok ? index.value : undefined), interfaceName)
}

/** PURE. From 1; comments do not count. */
export function findLine(text: string, address: Ipv4): number | undefined {
  const pattern = new RegExp(`(?<![\\d.])${address.replaceAll('.', '\\.')}(?![\\d.]*\\d)`)
  const at = text.split('\n').findIndex((line) => !/^\s*[#;]/.test(line) && pattern.test(line))
  return at < 0 ? undefined : at + 1
}

function describeManager({ networkd, networkManager, dhcpClient }: Managers, interfaceName: string): string | null {
  if (networkd) return `the settings of systemd-networkd for ${interfaceName}, or what else sets it`
  if (networkManager) return `the settings of NetworkManager for ${interfaceName}, or what else sets it`
  return dhcpClient === undefined
    ? null
    : `what the DHCP server gives ${interfaceName} (${dhcpClient}), or what else sets it`
}

/** Relative to the root, in order. */
async function filesOf(root: string, place: string): Promise<readonly string[]> {
  if (!place.includes('*')) return [place]
  const [before = '', after = ''] = basename(place).split('*')
  const names = await readdir(join(root, dirname(place))).catch(() => [])
  return names
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .toSorted()
    .slice(0, MOST_FILES)
    .map((name) => join(dirname(place), name))
}
