import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { messageOf } from '../shared/errors.ts'
import type { Log } from '../shared/log.ts'
import { boundGuests, type Guests } from './guests.ts'
import {
  CONTROL_PATH,
  CONTROL_SOCKET,
  type ControlRequest,
  type ControlResponse,
  STATUS_PATH,
  STATUS_SOCKET,
  type Status,
} from './messages.ts'
import { parseControlRequest } from './parse.ts'
import { readBody } from './read-body.ts'
import { listenOn, prepareRunDir } from './sockets.ts'

export type ControlServerOptions = {
  readonly runDir: string
  /** A snapshot of what the engine knows; called once per question, must be quick. */
  readonly getStatus: () => Status
  readonly handle: (request: ControlRequest) => Promise<ControlResponse>
  readonly log: Log
}

export type ControlServer = { readonly close: () => Promise<void> }

/** Bounds what callers may cost the engine, whose first duty is elections. Milliseconds, bytes, connections. */
const LIMITS = { headers: 2_000, request: 5_000, idle: 200_000, body: 64 * 1_024, head: 8 * 1_024, connections: 64 }

type Answer = { readonly status: number; readonly body: unknown; readonly allow?: string }

/**
 * Serves HTTP+JSON on two unix sockets: `status.sock` (read only; group `haup`) and `control.sock` (root).
 * Throws UserError when another engine lives on the same directory or the directory cannot be used.
 */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  await prepareRunDir(options.runDir)
  const control = await listenOn(serve(options, true), join(options.runDir, CONTROL_SOCKET), 'owner')
  try {
    const status = await listenOn(serve(options, false), join(options.runDir, STATUS_SOCKET), 'group')
    return { close: async () => void (await Promise.all([control.close(), status.close()])) }
  } catch (error) {
    await control.close()
    throw error
  }
}

type Serving = ControlServerOptions & { readonly guests: Guests }

function serve(options: ControlServerOptions, mayControl: boolean): Server {
  const server = createServer(
    {
      headersTimeout: LIMITS.headers,
      requestTimeout: LIMITS.request,
      connectionsCheckingInterval: 500,
      maxHeaderSize: LIMITS.head,
      keepAlive: false,
    },
    (request, response) => {
      answerSafely({ ...options, guests }, mayControl, request).then(
        (answer) => send(response, answer),
        () => response.destroy(),
      )
    },
  )
  const guests = boundGuests(server, LIMITS.connections)
  server.maxRequestsPerSocket = 1
  server.setTimeout(LIMITS.idle)
  server.on('clientError', refuse)
  // That one of them could not be let in, as for want of descriptors, is no reason to end: whoever asks next may be.
  server.on('error', (error) => sayRefused(options.log, error))
  return server
}

async function answerSafely(options: Serving, mayControl: boolean, request: IncomingMessage): Promise<Answer> {
  try {
    return await answer(options, mayControl, request)
  } catch (error) {
    const message = `a request on the control socket failed: ${messageOf(error)}`
    options.log({ level: 'error', subject: 'haup', code: 'control.failed', message })
    return failure(500, 'control.failed', 'the engine could not answer; its log says why')
  }
}

async function answer(options: Serving, mayControl: boolean, request: IncomingMessage): Promise<Answer> {
  switch (request.url) {
    case STATUS_PATH:
      if (request.method !== 'GET') return wrongMethod('GET')
      return { status: 200, body: options.getStatus() }
    case CONTROL_PATH:
      if (!mayControl) return failure(403, 'control.read-only', `this socket is for looking; ask on ${CONTROL_SOCKET}`)
      return request.method === 'POST' ? control(options, request) : wrongMethod('POST')
    default:
      return failure(404, 'control.no-such-path', `only ${STATUS_PATH} and ${CONTROL_PATH} are served`)
  }
}

async function control(options: Serving, request: IncomingMessage): Promise<Answer> {
  const body = await readBody(request, LIMITS.body)
  if (!body.ok) return failure(body.error.status, 'control.bad-request', body.error.message)
  const parsed = parseControlRequest(body.value)
  if (!parsed.ok) return failure(400, 'control.bad-request', parsed.error)
  return { status: 200, body: await options.guests.occupy(request.socket, options.handle(parsed.value)) }
}

const wrongMethod = (allow: string): Answer => ({
  ...failure(405, 'control.method', `only ${allow} works here`),
  allow,
})

const failure = (status: number, code: string, message: string): Answer => ({
  status,
  body: { ok: false, code, message, next_steps: [] } satisfies ControlResponse,
})

function send(response: ServerResponse, { status, body, allow }: Answer): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    Connection: 'close',
    ...(allow === undefined ? {} : { Allow: allow }),
  })
  response.end(text)
}

function sayRefused(log: Log, error: Error): void {
  const message = `a connection to the control sockets could not be accepted: ${messageOf(error)}`
  log({ level: 'warn', subject: 'haup', code: 'control.accept', message })
}

/** What is not HTTP, or comes too slowly, or has too long a head. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const text = `${JSON.stringify(failure(400, 'control.bad-request', 'this is not a complete HTTP request').body)}\n`
  const head = ['HTTP/1.1 400 Bad Request', 'Content-Type: application/json', `Content-Length: ${text.length}`]
  socket.end(`${head.join('\r\n')}\r\nConnection: close\r\n\r\n${text}`)
  socket.destroySoon()
}
