import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { native } from '../native/index.ts'
import { type Ipv4, parseIpv4 } from '../shared/ip.ts'
import { monotonicMs } from './monotonic.ts'
import { INTERFACE } from './topology.ts'
import { readCaptured } from './witness-capture.ts'
import { arpRequest, type Knock, resetFrame, synFrame } from './witness-frames.ts'
import { createLooks, type Looks } from './witness-looks.ts'
import { parseOrder, type WitnessOrder } from './witness-report.ts'
import { TICK_MS } from './witness-timeline.ts'

/**
 * The witness, as a program of its own in a namespace of its own (its ARP traffic must not refresh the client's
 * neighbours). Each tick it asks three things by frames of its own making: who has the address (ARP, everybody), and a new
 * connection of each box, at that box's hardware address. The answers are read from tcpdump, which sees the questions too:
 * the order of the capture is the order of the kernel, however late this process looks at it. JSON lines on standard
 * output; ends when standard input ends.
 */

const REPORT_EVERY = 5

function watch(order: WitnessOrder): void {
  const names = new Map(Object.entries(order.boxes).map(([name, mac]) => [mac, name]))
  const looks = createLooks((mac) => names.get(mac) ?? mac)
  const filter = `arp or (tcp port ${order.port} and host ${order.address})`
  const argv = ['-i', INTERFACE, '-n', '-e', '-t', '-l', '--immediate-mode', '-s', '96', '-B', '4096', filter]
  const capture = spawn('tcpdump', argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  createInterface({ input: capture.stdout }).on('line', (line) => {
    const what = readCaptured(line, order.address)
    if (what !== undefined) looks.captured(what)
  })
  const complaints = createInterface({ input: capture.stderr })
  complaints.on('line', (line) => {
    if (line.startsWith('listening on')) askForever(order, looks)
    else process.stderr.write(`${line}\n`)
  })
  capture.once('exit', () => process.exit(1))
  process.stdin.on('end', () => capture.kill()).resume()
}

function askForever(order: WitnessOrder, looks: Looks): void {
  const { interfaceByName, openPacketSocket, sendFrame } = native()
  const { index, hardwareAddress } = interfaceByName(INTERFACE)
  const socket = openPacketSocket()
  const from = { mac: hardwareAddress, address: addressOf(order.own) }
  const to = addressOf(order.address)
  const request = arpRequest(from, to)
  const macs = Object.values(order.boxes).map((mac) => Uint8Array.from(mac.split(':'), (byte) => Number(`0x${byte}`)))
  let open: Knock[] = []
  let ticks = 0
  const tick = () => {
    for (const knock of open) sendFrame(socket, index, resetFrame(knock))
    const fromPort = looks.ask(monotonicMs())
    open = macs.map((toMac) => ({ from, fromPort, toMac, to, toPort: order.port }))
    // The connections first: they say in the capture to which look the ARP answers belong.
    for (const knock of open) sendFrame(socket, index, synFrame(knock))
    sendFrame(socket, index, request)
    ticks += 1
    if (ticks % REPORT_EVERY === 0) process.stdout.write(`${JSON.stringify(looks.take())}\n`)
  }
  setInterval(tick, TICK_MS)
}

function addressOf(text: string): Ipv4 {
  const parsed = parseIpv4(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

watch(parseOrder(process.argv[2] ?? ''))
