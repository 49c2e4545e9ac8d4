import { createInterface } from 'node:readline'
import { openVrrpLink } from '../../../src/engine/io/vrrp-socket.ts'
import { INTERFACE } from '../../../src/lab/topology.ts'
import { parseIpv4 } from '../../../src/shared/ip.ts'

/**
 * A program of its own, run inside a namespace: sends raw IPv4 packets of protocol 112 that it reads from standard input,
 * one per line as `DESTINATION HEX`, and tells how many the kernel took.
 */
const address = (text: string) => {
  const parsed = parseIpv4(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

const opened = openVrrpLink(
  { interface: INTERFACE, source: address(process.argv[2] ?? '') },
  () => undefined,
  () => undefined,
)
if (!opened.ok) throw new Error(opened.error)
let sent = 0
for await (const line of createInterface({ input: process.stdin })) {
  const [destination = '', hex = ''] = line.split(' ')
  if (opened.value.send(Buffer.from(hex, 'hex'), address(destination)).ok) sent += 1
}
opened.value.close()
process.stdout.write(`${sent}\n`)
