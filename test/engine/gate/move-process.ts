import { createSocket as createDatagrams } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { createGatePort } from '../../../src/engine/gate/gate.ts'
import { createAnnounce } from '../../../src/engine/io/announce.ts'
import { now } from '../../../src/engine/io/clock.ts'
import type { Admission, BoundAddress, HandOn } from '../../../src/engine/ports.ts'
import { createAddressPort } from '../../../src/engine/vip/addresses.ts'
import { fromMillis, type Micros, plus } from '../../../src/shared/units.ts'
import { type Methods, say, serveAgent } from '../../support/agent-loop.ts'

/** One side of a planned move, or a client of it. Times are CLOCK_MONOTONIC, the same in all processes. */

const gate = createGatePort(now)
gate.onForeignChange((what) => say({ event: 'foreign', what }))
const addresses = createAddressPort()

const after = (milliseconds: number): Micros => plus(now(), fromMillis(milliseconds))

/** When it was begun; when, and by whom, it was accepted; why not. */
export type Attempt = {
  readonly at: Micros
  readonly connected: Micros | undefined
  readonly by: string | undefined
  readonly error: string | undefined
}

const attempts: Promise<Attempt>[] = []
let storming = false
let dialled: Socket | undefined

const methods: Methods = {
  now,
  prepare: gate.prepare,
  open: (owner: string, milliseconds: number) => gate.open(owner, after(milliseconds)),
  close: gate.close,
  admit: (owner: string, admission: Admission, milliseconds: number) =>
    gate.admit(owner, admission, after(milliseconds)),
  handOn: async (owner: string, target: HandOn, milliseconds: number) => {
    const begun = now()
    const handed = await gate.handOn(owner, target, after(milliseconds))
    return { handed, begun, done: now() }
  },
  remove: gate.remove,
  retire: gate.retire,
  bind: (owner: string, desired: readonly BoundAddress[]) => addresses.apply(owner, desired),
  announce: createAnnounce(),
  /** Says its name to whoever connects, and sends back what it gets. */
  serve: (port: number, name: string) =>
    new Promise((resolve) => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined)
        socket.write(`${name}\n`)
        socket.pipe(socket)
      })
      const datagrams = createDatagrams('udp4', (_, from) => datagrams.send(name, from.port, from.address))
      server.listen({ port, host: '::', backlog: 1_000 }, () => datagrams.bind(port, () => resolve(true)))
    }),
  /** The name that comes back for a datagram, whoever sends it. */
  ask: (address: string, port: number, patience: number) =>
    new Promise((resolve) => {
      const socket = createDatagrams('udp4', (bytes) => finish(bytes.toString()))
      const finish = (by: string | null): void => {
        clearTimeout(timer)
        socket.close()
        resolve(by)
      }
      const timer = globalThis.setTimeout(() => finish(null), patience)
      socket.send('who?', port, address)
    }),
  /** A connection that stays, and then what comes back over it. */
  dial: async (address: string, port: number) => {
    dialled?.destroy()
    dialled = connect(port, address)
    dialled.on('error', () => undefined)
    const [name] = await once(dialled, 'data')
    return String(name).trim()
  },
  echo: async (text: string) => {
    dialled?.write(text)
    const came = dialled === undefined ? [] : await once(dialled, 'data', { signal: AbortSignal.timeout(1_000) })
    return String(came[0])
  },
  reach: (address: string, port: number, patience: number) => attempt(address, port, patience),
  /** A new connection every so many milliseconds until `calm`. */
  storm: (address: string, port: number, every: number, patience: number) => {
    storming = true
    const go = async (): Promise<void> => {
      while (storming) {
        attempts.push(attempt(address, port, patience))
        await setTimeout(every)
      }
    }
    void go()
  },
  /** SYNs that were sent again here, of all connections. */
  repeatedSyns: () => {
    const [names = '', values = ''] = readFileSync('/proc/net/netstat', 'utf8').split('\n')
    return Number(values.split(' ')[names.split(' ').indexOf('TCPSynRetrans')])
  },
  calm: () => {
    storming = false
    return Promise.all(attempts.splice(0))
  },
}

function attempt(address: string, port: number, patience: number): Promise<Attempt> {
  const at = now()
  return new Promise((resolve) => {
    let connected: Micros | undefined
    const socket = connect({ port, host: address })
    const finish = (by: string | undefined, error: string | undefined): void => {
      clearTimeout(timer)
      // A reset would wait for the connection, which goes on trying.
      if (connected === undefined) socket.destroy()
      else socket.resetAndDestroy()
      resolve({ at, connected, by, error })
    }
    const timer = globalThis.setTimeout(() => finish(undefined, 'timeout'), patience)
    socket.once('connect', () => {
      connected = now()
    })
    socket.once('data', (bytes: Buffer) => finish(bytes.toString().trim(), undefined))
    socket.once('error', ({ message }) => finish(undefined, message))
    socket.once('end', () => finish(undefined, 'ended'))
  })
}

await serveAgent(methods)
