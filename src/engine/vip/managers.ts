import { readdir, readFile } from 'node:fs/promises'

/** Programs that set up a box's interfaces and also take away what they do not know. */
export type Managers = {
  /** systemd-networkd manages the interface. */
  readonly networkd: boolean
  readonly networkManager: boolean
  /** dhclient, dhcpcd or udhcpc runs for the interface. */
  readonly dhcpClient: string | undefined
  /** ifupdown has brought the interface up. */
  readonly ifupdown: boolean
}

const DHCP_CLIENTS: readonly string[] = ['dhclient', 'dhcpcd', 'udhcpc']

/** As the managers' own state below /run and the processes say; what cannot be read does not count. */
export async function readManagers(interfaceName: string, index: number | undefined): Promise<Managers> {
  const [networkd, networkManager, ifstate, commands] = await Promise.all([
    readText(`/run/systemd/netif/links/${index}`),
    readText(`/run/NetworkManager/devices/${index}`),
    readText(`/run/network/ifstate.${interfaceName}`),
    readCommands(),
  ])
  return interpretManagers(interfaceName, { networkd, networkManager, ifstate, commands })
}

export type ManagerEvidence = {
  /** Texts of the state files; undefined when there is none. */
  readonly networkd: string | undefined
  readonly networkManager: string | undefined
  readonly ifstate: string | undefined
  /** The argument lists of all processes. */
  readonly commands: readonly (readonly string[])[]
}

/** PURE. A state file may outlive its program, so that the program has to run too. */
export function interpretManagers(interfaceName: string, evidence: ManagerEvidence): Managers {
  const { networkd, networkManager, ifstate, commands } = evidence
  const runs = (name: string): boolean => commands.some(([program]) => baseName(program) === name)
  const client = commands.find(
    ([program, ...rest]) => DHCP_CLIENTS.includes(baseName(program)) && rest.includes(interfaceName),
  )
  return {
    networkd: networkd !== undefined && !/^ADMIN_STATE=unmanaged$/m.test(networkd) && runs('systemd-networkd'),
    networkManager:
      networkManager !== undefined && /^managed=(true|1)$/m.test(networkManager) && runs('NetworkManager'),
    dhcpClient: client === undefined ? undefined : baseName(client[0]),
    ifupdown: ifstate?.includes(interfaceName) === true,
  }
}

const baseName = (path: string | undefined): string => path?.split('/').at(-1) ?? ''

async function readCommands(): Promise<readonly (readonly string[])[]> {
  const names = await readdir('/proc').catch(() => [])
  const texts = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((pid) => readText(`/proc/${pid}/cmdline`)),
  )
  return texts.flatMap((text) => (text === undefined || text === '' ? [] : [text.split('\0')]))
}

const readText = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined)
