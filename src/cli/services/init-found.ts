import { printable } from '../../shared/log.ts'
import type { HostFacts, WebServer } from '../detect/facts.ts'

/** What was seen on this box, told before the first question. PURE. */
export function describeFacts({ hostname, addresses, webServer, keepalived }: HostFacts): string[] {
  const named = addresses.map((each) => `${each.interface} ${each.address}/${each.length}`).join(', ')
  const lines = [
    `this box: ${hostname}, ${named === '' ? 'no IPv4 address' : named}`,
    webServer === undefined ? 'web server: neither nginx nor apache found' : `web server: ${describeServer(webServer)}`,
  ]
  if (keepalived !== undefined) {
    const vrids = keepalived.vrids.length === 0 ? 'no VRID' : `VRID ${keepalived.vrids.join(', ')}`
    lines.push(
      `keepalived is configured here (VRRPv${keepalived.version}, ${vrids}): stop it before haup holds its addresses`,
    )
  }
  return [...lines.map((line) => printable(line)), '']
}

function describeServer({ kind, control, unit, isRunning, listening }: WebServer): string {
  const ports = [...new Set(listening.map(({ port }) => port))].toSorted((a, b) => a - b)
  const where = ports.length === 0 ? '' : `, port ${ports.join(', ')}`
  return `${kind} (${control}), ${unit ?? 'no systemd unit'}, ${isRunning ? `runs${where}` : 'does not run'}`
}
