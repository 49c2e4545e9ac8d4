import { spawn } from 'node:child_process'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { readClosedAddresses } from '../../../src/engine/gate/closed-addresses.ts'
import { createGatePort } from '../../../src/engine/gate/gate.ts'
import { createAnnounce } from '../../../src/engine/io/announce.ts'
import { now } from '../../../src/engine/io/clock.ts'
import { fromMillis, type Micros, plus } from '../../../src/shared/units.ts'
import { type Methods, say, serveAgent } from '../../support/agent-loop.ts'

/** An engine's gate, a server, or a client, in a namespace. Times are CLOCK_MONOTONIC, the same in all processes. */

const gate = createGatePort(now)
gate.onForeignChange((what) => say({ event: 'foreign', what, at: now() }))

const connections = new Map<string, Socket>()

const methods: Methods = {
  prepare: gate.prepare,
  /** Answers the instant until which it is open. */
  open: async (owner: string, milliseconds: number) => {
    const until = plus(now(), fromMillis(milliseconds))
    const opened = await gate.open(owner, until)
    return { opened, until }
  },
  /** Opens every so many milliseconds; answers the longest renewal in microseconds, and failures. */
  renew: async (owner: string, lease: number, every: number, times: number) => {
    const took: number[] = []
    const failed: unknown[] = []
    for (let count = 0; count < times; count += 1) {
      const begun = now()
      const opened = await gate.open(owner, plus(begun, fromMillis(lease)))
      took.push(now() - begun)
      if (!opened.ok) failed.push(opened.error)
      await setTimeout(every)
    }
    took.sort((a, b) => a - b)
    return { median: took[took.length >> 1], longest: took.at(-1), failed }
  },
  close: gate.close,
  remove: gate.remove,
  retire: gate.retire,
  closedAddresses: readClosedAddresses,
  announce: createAnnounce(),
  /** A child that outlives this process: its process id. */
  leaveChild: () => spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }).pid,
  now,
  /** A server that sends back what it gets, on all addresses. */
  serve: (port: number) =>
    new Promise((resolve) => {
      createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(port, '::', () => resolve(true))
    }),
  /** Whether a connection is made within that time. */
  reach: (address: string, port: number, milliseconds: number) => reach(address, port, milliseconds),
  dial: async (address: string, port: number) => {
    const socket = connect(port, address)
    connections.set(address, socket)
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  },
  /** Sends over the connection of `dial`, and answers what comes back. */
  echo: (address: string, text: string) =>
    new Promise((resolve) => {
      const socket = connections.get(address)
      socket?.once('data', (bytes: Buffer) => resolve(bytes.toString()))
      globalThis.setTimeout(() => resolve('nothing came back'), 2_000)
      socket?.write(text)
    }),
  /** Connects every so many milliseconds: when each began, and whether it was made. */
  storm: async (address: string, port: number, every: number, times: number) => {
    const tries: Promise<{ readonly at: Micros; readonly made: boolean }>[] = []
    for (let count = 0; count < times; count += 1) {
      const at = now()
      tries.push(reach(address, port, 700).then((made) => ({ at, made })))
      await setTimeout(every)
    }
    return Promise.all(tries)
  },
}

const reach = (address: string, port: number, milliseconds: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: address })
    const finish = (made: boolean) => (): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(made)
    }
    // On a busy machine a connection that was made in time may be learnt of in the same turn, after the timer.
    const timer = globalThis.setTimeout(() => setImmediate(finish(false)), milliseconds)
    socket.once('connect', finish(true)).once('error', finish(false))
  })

await serveAgent(methods)
