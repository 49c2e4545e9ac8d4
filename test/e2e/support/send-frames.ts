import { json } from 'node:stream/consumers'
import { INTERFACE } from '../../../src/lab/topology.ts'
import { native } from '../../../src/native/index.ts'
import { parseFrameOrder } from './attack.ts'

/**
 * A program of its own, run inside a namespace: sends the frames of its order (JSON on standard input), one after the
 * other and again from the first on, so many a second for so long; tells how many the kernel took.
 */
const TICK_MS = 2

const { frames, perSecond, lastsMs } = parseFrameOrder(await json(process.stdin))
const bytes = frames.map((hex) => Buffer.from(hex, 'hex'))
const { openPacketSocket, interfaceByName, sendFrame, closeDescriptor } = native()
const socket = openPacketSocket()
const { index } = interfaceByName(INTERFACE)
const began = performance.now()
let [tried, sent] = [0, 0]

const timer = setInterval(() => {
  const elapsed = Math.min(performance.now() - began, lastsMs)
  for (const due = 1 + Math.floor((elapsed * perSecond) / 1_000); tried < due; tried += 1)
    send(bytes[tried % bytes.length])
  if (elapsed >= lastsMs) finish()
}, TICK_MS)

function send(frame: Uint8Array | undefined): void {
  if (frame === undefined) return
  try {
    sendFrame(socket, index, frame)
    sent += 1
  } catch {
    // The kernel's queue is full: that one is not sent.
  }
}

function finish(): void {
  clearInterval(timer)
  closeDescriptor(socket)
  process.stdout.write(`${sent}\n`)
}
