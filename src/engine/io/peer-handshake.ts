import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { errnoCode } from '../../native/index.ts'
import { CHALLENGE_BYTES, decodeHeader, HELLO_BYTES } from '../peer/frame.ts'
import type { SessionId } from '../peer/session.ts'
import { now } from './clock.ts'
import type { Talk } from './peer-talk.ts'

/**
 * One connection between two engines. Each side sends a random number of its own and returns the other's, sealed; then
 * both are silent for as long as they live.
 */

/** Whatever is said after the proof means: this end is by the will of an engine that lives. */
const FAREWELL = new Uint8Array(1)
/** For connecting and proving. */
const PATIENCE_MS = 3_000

export type StreamEvents = {
  /** The other end is the named life of the other node, now. */
  readonly onProven: (session: SessionId) => void
  /**
   * The connection is no more. `broken`: it was proven, and the other kernel ended it, as it does when the engine dies;
   * not so when a route is lost or this side ended it.
   */
  readonly onEnd: (how: { readonly broken: boolean }) => void
}

export type Handshake = { readonly end: () => void }

/** The connecting side begins. */
export function shakeHands(socket: Socket, side: 'connects' | 'accepts', talk: Talk, events: StreamEvents): Handshake {
  const own = new Uint8Array(randomBytes(CHALLENGE_BYTES))
  let state: State = { kind: 'waiting' }
  let buffer: Buffer = Buffer.alloc(0)
  let ended = false

  const end = (broken: boolean): void => {
    if (ended) return
    ended = true
    clearTimeout(timer)
    // One that is still connecting would wait for a node that does not answer, and keep the engine from ending.
    if (state.kind === 'proven' && !broken) socket.end(FAREWELL, () => socket.destroy())
    else socket.destroy()
    events.onEnd({ broken })
  }
  const timer = setTimeout(() => end(false), PATIENCE_MS)
  const speak = (other: Uint8Array): void => {
    const frame = talk.greet(own, other, now())
    if (frame === undefined) end(false)
    else socket.write(frame)
  }
  const read = (frame: Uint8Array): void => {
    const step = nextState(state, side, own, frame, talk)
    if (step === undefined) {
      end(false)
      return
    }
    state = step.state
    if (step.reply !== undefined) speak(step.reply)
    if (state.kind !== 'proven' || ended) return
    clearTimeout(timer)
    events.onProven(state.session)
  }
  const hear = (bytes: Uint8Array): void => {
    if (state.kind === 'proven' || buffer.length + bytes.length > HELLO_BYTES) {
      end(false)
      return
    }
    buffer = Buffer.concat([buffer, bytes])
    if (buffer.length < HELLO_BYTES) return
    const frame = buffer
    buffer = Buffer.alloc(0)
    read(frame)
  }

  socket.on('data', (bytes: Buffer) => hear(bytes))
  socket.on('end', () => end(state.kind === 'proven'))
  socket.on('error', (error) => end(state.kind === 'proven' && isReset(error)))
  socket.on('close', () => end(false))
  if (side === 'connects') socket.on('connect', () => speak(new Uint8Array(CHALLENGE_BYTES)))
  return { end: () => end(false) }
}

type State =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'challenged'; readonly session: SessionId }
  | { readonly kind: 'proven'; readonly session: SessionId }

/** What a frame leads to, and the number to return; undefined when it is not what has to come now. */
function nextState(
  state: State,
  side: 'connects' | 'accepts',
  own: Uint8Array,
  frame: Uint8Array,
  talk: Talk,
): { readonly state: State; readonly reply: Uint8Array | undefined } | undefined {
  const header = decodeHeader(frame)
  const greeting = header.ok ? talk.readGreeting(header.value, frame) : undefined
  if (greeting === undefined) return undefined
  const { session } = greeting
  const returned = Buffer.compare(greeting.other, own) === 0
  if (side === 'connects') return returned ? { state: { kind: 'proven', session }, reply: greeting.own } : undefined
  if (state.kind === 'waiting') return { state: { kind: 'challenged', session }, reply: greeting.own }
  const isSame = state.kind === 'challenged' && state.session === session
  return returned && isSame ? { state: { kind: 'proven', session }, reply: undefined } : undefined
}

const isReset = (error: Error): boolean => ['ECONNRESET', 'EPIPE'].includes(errnoCode(error) ?? '')
