import { readFile } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import type { HostFacts, KeepalivedFacts } from './facts.ts'
import { interpretInterfaces, interpretKeepalived, interpretProcNetRoute } from './interpret-network.ts'
import { detectWebServer } from './web-server.ts'

/** Looks at this box. Reads only; whatever cannot be seen is left out, so that a proposal is missing, not wrong. */
export async function detectHost(): Promise<HostFacts> {
  const [routes, webServer, keepalived] = await Promise.all([
    readFile('/proc/net/route', 'utf8').catch(() => ''),
    detectWebServer(),
    detectKeepalived(),
  ])
  return {
    hostname: hostname().split('.')[0] ?? hostname(),
    addresses: interpretInterfaces(networkInterfaces(), interpretProcNetRoute(routes)),
    webServer,
    keepalived,
  }
}

const detectKeepalived = async (): Promise<KeepalivedFacts | undefined> => {
  const content = await readFile('/etc/keepalived/keepalived.conf', 'utf8').catch(() => undefined)
  return content === undefined ? undefined : interpretKeepalived(content)
}
