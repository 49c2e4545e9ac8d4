import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { native } from '../../../src/native/index.ts'
import { createRandom } from '../../sim/random.ts'
import { complete, createPcapReader } from './pcap.ts'
import { parseSlowness } from './slow-line.ts'

/**
 * A program of its own, run inside the switch's namespace: PORT PORT SLOWNESS. What arrives at one port leaves by the
 * other one, later. Read by tcpdump, sent by packet sockets.
 */
const [left = '', right = '', slowness = ''] = process.argv.slice(2)
const { delayMs, jitterMs, lossPercent, seed } = parseSlowness(slowness)
const random = createRandom(seed)
const { openPacketSocket, interfaceByName, sendFrame } = native()
const socket = openPacketSocket()

let ways = 0
carry(left, right)
carry(right, left)

function carry(from: string, to: string): void {
  const { index } = interfaceByName(to)
  const argv = ['-i', from, '-Q', 'in', '-U', '-w', '-', '--immediate-mode', '-s', '0', '-B', '4096']
  const capture = spawn('tcpdump', argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  capture.stdout.on(
    'data',
    createPcapReader((frame) => pass(index, Buffer.from(frame))),
  )
  createInterface({ input: capture.stderr }).on('line', (line) => {
    if (!line.includes('listening on')) return
    ways += 1
    if (ways === 2) process.stdout.write('both ways\n')
  })
  capture.once('exit', () => process.exit(1))
  process.once('SIGTERM', () => process.exit(0))
  process.once('exit', () => capture.kill())
}

function pass(index: number, frame: Buffer): void {
  if (random.next() * 100 < lossPercent) return
  setTimeout(() => leave(index, complete(frame)), delayMs + (2 * random.next() - 1) * jitterMs)
}

function leave(index: number, frame: Buffer): void {
  try {
    sendFrame(socket, index, frame)
  } catch {
    // As on any line: what cannot be sent is lost.
  }
}
