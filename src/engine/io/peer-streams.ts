import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { compareIpv4, type Ipv4 } from '../../shared/ip.ts'
import type { SessionId } from '../peer/session.ts'
import { type Handshake, shakeHands } from './peer-handshake.ts'
import type { Talk } from './peer-talk.ts'

/** A connection over each path of each node, made by the side with the lower address. */

const RETRY_MS = 1_000
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 4_000
/** Connections on one path that have yet to prove themselves. */
const MOST_PENDING = 4

/** Both ends of a path, and who is at the other one. */
export type StreamPath = { readonly node: string; readonly local: Ipv4; readonly remote: Ipv4; readonly talk: Talk }

export type Streams = {
  readonly follow: (paths: readonly StreamPath[], port: number) => void
  /** The node has a new life: connections to an earlier one are of no use, and a new one may succeed at once. */
  readonly renew: (node: string, session: SessionId) => void
  readonly close: () => void
}

export type StreamsEvents = {
  readonly onProven: (node: string, session: SessionId) => void
  /** A proven connection to that life was ended by the other side. */
  readonly onBroken: (node: string, session: SessionId) => void
  readonly onStranger: (remote: string) => void
}

export function openStreams(events: StreamsEvents): Streams {
  const lines = new Map<string, Line>()
  const doors = new Map<Ipv4, Door>()
  let port = 0

  const knock = (local: Ipv4, socket: Socket): void => {
    const line = lines.get(keyOf(local, socket.remoteAddress ?? ''))
    if (line?.accept === undefined) events.onStranger(socket.remoteAddress ?? 'nobody')
    if (line?.accept === undefined) socket.destroy()
    else line.accept(socket)
  }
  const follow = (paths: readonly StreamPath[], nextPort: number): void => {
    const wanted = new Map(paths.map((path) => [keyOf(path.local, path.remote), path]))
    const listening = new Set(paths.filter(accepts).map(({ local }) => local))
    for (const [key, line] of lines) {
      if (nextPort === port && wanted.get(key)?.talk === line.path.talk) continue
      line.close()
      lines.delete(key)
    }
    for (const [local, door] of doors) {
      if (nextPort === port && listening.has(local)) continue
      door.close()
      doors.delete(local)
    }
    port = nextPort
    for (const local of listening) {
      if (!doors.has(local))
        doors.set(
          local,
          openDoor(local, port, (socket) => knock(local, socket)),
        )
    }
    for (const [key, path] of wanted) {
      if (!lines.has(key)) lines.set(key, accepts(path) ? acceptLine(path, events) : connectLine(path, port, events))
    }
  }
  return {
    follow,
    renew: (node, session) => {
      for (const line of lines.values()) if (line.path.node === node) line.renew(session)
    },
    close: () => follow([], port),
  }
}

const keyOf = (local: string, remote: string): string => `${local} ${remote}`

const accepts = ({ local, remote }: StreamPath): boolean => compareIpv4(local, remote) > 0

type Line = {
  readonly path: StreamPath
  /** Of the side that accepts. */
  readonly accept: ((socket: Socket) => void) | undefined
  readonly renew: (session: SessionId) => void
  readonly close: () => void
}

type Hold = { readonly handshake: Handshake; readonly session: SessionId }

/** The proven connection of a path; a newer one takes its place in silence. */
function createHold({ node }: StreamPath, events: StreamsEvents) {
  let held: Hold | undefined
  return {
    session: () => held?.session,
    put: (hold: Hold): void => {
      const before = held
      held = hold
      before?.handshake.end()
      events.onProven(node, hold.session)
    },
    lost: (handshake: Handshake | undefined, broken: boolean): void => {
      if (held === undefined || held.handshake !== handshake) return
      const { session } = held
      held = undefined
      if (broken) events.onBroken(node, session)
    },
    drop: (): void => {
      const before = held
      held = undefined
      before?.handshake.end()
    },
  }
}

function connectLine(path: StreamPath, port: number, events: StreamsEvents): Line {
  const hold = createHold(path, events)
  let attempt: Handshake | undefined
  let timer: NodeJS.Timeout | undefined
  let pause = FIRST_PAUSE_MS
  let closed = false

  const connect = (): void => {
    clearTimeout(timer)
    const socket = createConnection({ host: path.remote, port, localAddress: path.local, family: 4 })
    const handshake = shakeHands(socket, 'connects', path.talk, {
      onProven: (session) => {
        pause = FIRST_PAUSE_MS
        hold.put({ handshake, session })
      },
      onEnd: ({ broken }) => {
        hold.lost(handshake, broken)
        if (attempt !== handshake || closed) return
        attempt = undefined
        timer = setTimeout(connect, pause)
        pause = Math.min(LONGEST_PAUSE_MS, pause * 2)
      },
    })
    attempt = handshake
  }
  const again = (): void => {
    const before = attempt
    attempt = undefined
    hold.drop()
    before?.end()
    pause = FIRST_PAUSE_MS
    connect()
  }
  connect()
  return {
    path,
    accept: undefined,
    renew: (session) => {
      if (hold.session() !== session) again()
    },
    close: () => {
      closed = true
      clearTimeout(timer)
      hold.drop()
      attempt?.end()
    },
  }
}

function acceptLine(path: StreamPath, events: StreamsEvents): Line {
  const hold = createHold(path, events)
  const pending = new Set<Handshake>()
  return {
    path,
    accept: (socket) => {
      if (pending.size >= MOST_PENDING) {
        socket.destroy()
        return
      }
      const handshake = shakeHands(socket, 'accepts', path.talk, {
        onProven: (session) => {
          pending.delete(handshake)
          hold.put({ handshake, session })
        },
        onEnd: ({ broken }) => {
          pending.delete(handshake)
          hold.lost(handshake, broken)
        },
      })
      pending.add(handshake)
    },
    renew: (session) => {
      if (hold.session() !== session) hold.drop()
    },
    close: () => {
      hold.drop()
      for (const handshake of [...pending]) handshake.end()
    },
  }
}

type Door = { readonly close: () => void }

/** Listens on one of our addresses, as soon as it is there. */
function openDoor(local: Ipv4, port: number, onSocket: (socket: Socket) => void): Door {
  let server: Server | undefined
  let retry: NodeJS.Timeout | undefined
  const open = (): void => {
    const listening = createServer(onSocket)
    server = listening
    listening.on('error', () => {
      listening.close()
      if (server === listening) retry = setTimeout(open, RETRY_MS)
    })
    listening.listen({ host: local, port, backlog: 16, exclusive: true })
  }
  open()
  return {
    close: () => {
      clearTimeout(retry)
      const before = server
      server = undefined
      before?.close()
    },
  }
}
