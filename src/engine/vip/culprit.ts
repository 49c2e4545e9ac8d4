import { printable } from '../../shared/log.ts'
import type { Culprit } from '../ports.ts'
import type { Managers } from './managers.ts'
import type { Removal } from './watch.ts'

/**
 * PURE: who took an address away, in words, and what keeps it from doing so. What the kernel itself names is a fact; a
 * manager of the interface is a guess that says "probably".
 */
export function describeCulprit(
  interfaceName: string,
  removal: Removal | undefined,
  managers: Managers,
): Culprit | undefined {
  const manager = (removal?.program === undefined ? undefined : KNOWN[removal.program]) ?? guess(managers)
  const advice = manager === undefined ? undefined : ADVICE[manager](interfaceName)
  if (removal?.program !== undefined) {
    return { who: `the program "${printable(removal.program, 16)}" (pid ${removal.pid})`, advice }
  }
  if (manager !== undefined) {
    const name = manager === 'dhcp' ? (managers.dhcpClient ?? 'a DHCP client') : NAME[manager]
    return { who: `probably ${name}, which manages ${interfaceName}`, advice }
  }
  return removal?.pid === undefined
    ? undefined
    : { who: `a program that has ended since (pid ${removal.pid}), such as "ip"`, advice: undefined }
}

type Manager = 'networkd' | 'networkManager' | 'dhcp' | 'ifupdown'

/** By the 15 bytes that the kernel keeps of a program's name. */
const KNOWN: Readonly<Record<string, Manager>> = {
  'systemd-network': 'networkd',
  NetworkManager: 'networkManager',
  dhclient: 'dhcp',
  dhcpcd: 'dhcp',
  udhcpc: 'dhcp',
  ifup: 'ifupdown',
  ifdown: 'ifupdown',
}

const guess = ({ networkd, networkManager, dhcpClient, ifupdown }: Managers): Manager | undefined => {
  if (networkd) return 'networkd'
  if (networkManager) return 'networkManager'
  if (dhcpClient !== undefined) return 'dhcp'
  return ifupdown ? 'ifupdown' : undefined
}

const NAME: Readonly<Record<Exclude<Manager, 'dhcp'>, string>> = {
  networkd: 'systemd-networkd',
  networkManager: 'NetworkManager',
  ifupdown: 'ifupdown',
}

/** systemd.network(5), NetworkManager.conf(5), dhclient-script(8), ifdown(8). */
const ADVICE: Readonly<Record<Manager, (interfaceName: string) => string>> = {
  networkd: (name) =>
    `put KeepConfiguration=yes into [Network] of the .network file of ${name}, so that systemd-networkd leaves it alone`,
  networkManager: (name) =>
    `put unmanaged-devices=interface-name:${name} into [keyfile] of a file in /etc/NetworkManager/conf.d`,
  dhcp: (name) => `give ${name} a fixed address: a DHCP client flushes the interface when its lease changes`,
  ifupdown: () => 'run "haup failover" before ifdown',
}
