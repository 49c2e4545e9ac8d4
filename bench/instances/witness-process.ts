import { monotonicMs } from '../../src/lab/monotonic.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { arpRequest } from '../../src/lab/witness-frames.ts'
import { native } from '../../src/native/index.ts'
import { type Ipv4, ipv4ToBytes, parseIpv4 } from '../../src/shared/ip.ts'
import { NOBODY, STRANGER } from './sightings.ts'

/**
 * Asks the LAN, in rounds, who has each of many addresses: a program of its own in a namespace of its own. One round is
 * closed, when nothing more comes in, before the next one is asked: each answer belongs to the round that is open. Started
 * as `witness-process.ts JSON`; a JSON line on standard output for each round; ends when standard input ends. What is written
 * to standard input sets the time between two rounds, in milliseconds.
 */

export type Order = {
  readonly own: string
  readonly addresses: readonly string[]
  /** Hardware addresses, as `02:00:5e:10:00:01`; the bit of each is its place. */
  readonly boxes: readonly string[]
  readonly everyMs: number
}

/** So many answers are in the socket at once: it is read between them. */
const BURST = 64
const REPLY = 2
const AT = { to: 0, from: 6, operation: 21, sender: 28 } as const

function watch({ own, addresses, boxes, everyMs }: Order): void {
  const { interfaceByName, openPacketSocket, sendFrame, watchArp } = native()
  const { index, hardwareAddress } = interfaceByName(INTERFACE)
  const socket = openPacketSocket()
  const from = { mac: hardwareAddress, address: ipv4(own) }
  const wanted = addresses.map(ipv4)
  const requests = wanted.map((address) => arpRequest(from, address))
  const numbers = new Map(wanted.map((address, number) => [hex(ipv4ToBytes(address)), number]))
  const bits = new Map(boxes.map((mac, bit) => [mac.replaceAll(':', ''), 1 << bit]))
  const ownMac = hex(hardwareAddress)
  let heard = 0
  let next: NodeJS.Timeout | undefined
  let answered = new Uint8Array(wanted.length)
  let before = new Uint8Array(wanted.length)

  watchArp(Uint8Array.from(wanted.flatMap((address) => [...ipv4ToBytes(address)])), (_, frame) => {
    heard += 1
    // Announcements are for everybody; answers are for us.
    if (frame[AT.operation] !== REPLY || hex(frame.subarray(AT.to, AT.to + 6)) !== ownMac) return
    const number = numbers.get(hex(frame.subarray(AT.sender, AT.sender + 4)))
    if (number === undefined) return
    const bit = bits.get(hex(frame.subarray(AT.from, AT.from + 6))) ?? STRANGER
    answered[number] = (answered[number] ?? NOBODY) | bit
  })
  /** Calls when a whole turn of the event loop has brought nothing. */
  const whenQuiet = (next: () => void): void => {
    const soFar = heard
    setImmediate(() => setImmediate(() => (heard === soFar ? next() : whenQuiet(next))))
  }
  const ask = (first: number, next: () => void): void => {
    for (const request of requests.slice(first, first + BURST)) sendFrame(socket, index, request)
    whenQuiet(() => (first + BURST < requests.length ? ask(first + BURST, next) : next()))
  }
  const round = (): void => {
    const at = monotonicMs()
    next = undefined
    ask(0, () => {
      const changes = [...answered.entries()].filter(([number, who]) => who !== before[number])
      process.stdout.write(`${JSON.stringify({ at, changes })}\n`)
      before = answered
      answered = new Uint8Array(wanted.length)
      next = setTimeout(round, Math.max(0, at + everyMs - monotonicMs()))
    })
  }
  process.stdin.on('data', (text) => {
    everyMs = Number(text)
    // Unless a round is open, which arms it when it is over.
    if (next === undefined) return
    clearTimeout(next)
    next = setTimeout(round, everyMs)
  })
  process.stdin.on('end', () => process.exit(0))
  round()
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function ipv4(text: string): Ipv4 {
  const parsed = parseIpv4(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

watch(JSON.parse(process.argv[2] ?? ''))
