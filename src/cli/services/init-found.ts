import { printable } from '../../shared/log.ts'
import type { HostFacts, WebServer } from '../detect/facts.ts'
import { WIDTH, wrap } from '../layout.ts'
import { describeRouter, type Remark } from './init-remarks.ts'

/** What was seen on this box, told before the first question. PURE. */
export function describeFacts({ hostname, addresses, webServer, servers, answers, heard }: HostFacts): string[] {
  const named = addresses.map((each) => `${each.interface} ${each.address}/${each.length}`).join(', ')
  const lines = [
    `this box: ${hostname}, ${named === '' ? 'no IPv4 address' : named}`,
    webServer === undefined ? 'web server: neither nginx nor apache found' : `web server: ${describeServer(webServer)}`,
    ...servers.filter((other) => other !== webServer).map((other) => `also here: ${describeServer(other)}`),
  ]
  if (answers.front !== undefined) lines.push(`it answers: ${answers.front.url}${asHost(answers.front.host)}`)
  if (answers.health !== undefined) lines.push(`health location: ${answers.health.url}${asHost(answers.health.host)}`)
  if (heard !== undefined && heard.length > 0) lines.push(`other VRRP routers: ${heard.map(describeRouter).join('; ')}`)
  return [...lines.flatMap((line) => hanging(printable(line, 1_000))), '']
}

export function describeServer({ kind, control, options, unit, isRunning, listening }: WebServer): string {
  const places = listening.map(({ address, port }) => (address === '0.0.0.0' ? `${port}` : `${address}:${port}`))
  const ports = [...new Set(places)].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const where = ports.length === 0 ? '' : `, port ${ports.join(', ')}`
  const command = [control, ...options].join(' ')
  return `${kind} (${command}), ${unit ?? 'no systemd unit'}, ${isRunning ? `runs${where}` : 'does not run'}`
}

const asHost = (host: string | undefined): string => (host === undefined ? '' : ` with Host: ${host}`)

/** The first line after `first`, further ones below it. */
const hanging = (text: string, first = '', indent = '  '): string[] =>
  wrap(text, WIDTH - indent.length).map((line, index) => `${index === 0 ? first : indent}${line}`)

/** `warning: ...`, and what to do about it. */
export const describeRemark = ({ message, remedy }: Remark): string[] => [
  ...hanging(`warning: ${printable(message)}`),
  ...(remedy === undefined ? [] : hanging(printable(remedy), '  → ', '    ')),
]
