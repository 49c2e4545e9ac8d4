import { connect } from 'node:net'
import { join } from 'node:path'
import { EXIT, messageOf, UserError } from '../shared/errors.ts'
import { printable } from '../shared/log.ts'
import { formatRequest, type HttpAnswer, parseAnswer } from './http-answer.ts'
import {
  CONTROL_PATH,
  CONTROL_SOCKET,
  type ControlRequest,
  type ControlResponse,
  STATUS_PATH,
  STATUS_SOCKET,
  type Status,
} from './messages.ts'
import { isControlResponse, isFailure, isStatus } from './parse.ts'
import { hasUnit, startSteps } from './unit.ts'

/** How long a living engine may take. A failover waits for several of the peer's adverts; the slowest come 40.95 s apart. */
export const STATUS_TIMEOUT_MS = 2_000
export const CONTROL_TIMEOUT_MS = 180_000

const MAX_ANSWER = 8 * 1_024 * 1_024

/**
 * Asks the engine of `runDir`. Throws UserError `engine.not-running` (exit 4), `engine.not-answering` (exit 8: what the
 * engine does is unknown then), `engine.no-access` or `engine.other-version`.
 */
export async function getStatus(runDir: string, timeoutMs = STATUS_TIMEOUT_MS): Promise<Status> {
  const socket = join(runDir, STATUS_SOCKET)
  const value = readJson(socket, await exchange(socket, formatRequest('GET', STATUS_PATH, ''), timeoutMs))
  if (isStatus(value)) return value
  if (isFailure(value)) throw notAnswering(socket, printable(value.message))
  throw otherVersion(socket)
}

/**
 * Has the engine do something; a refusal of the engine comes as a value. Throws what `getStatus` throws, and as soon: what
 * it is asked to do may take long, whether it answers at all must not.
 */
export async function sendControl(
  runDir: string,
  request: ControlRequest,
  timeoutMs = CONTROL_TIMEOUT_MS,
  aliveWithinMs = STATUS_TIMEOUT_MS,
): Promise<ControlResponse> {
  const socket = join(runDir, CONTROL_SOCKET)
  readJson(socket, await exchange(socket, formatRequest('GET', STATUS_PATH, ''), aliveWithinMs))
  const text = formatRequest('POST', CONTROL_PATH, JSON.stringify(request))
  const value = readJson(socket, await exchange(socket, text, timeoutMs))
  if (isControlResponse(value)) return value
  throw otherVersion(socket)
}

/** One question, one answer, one connection. */
function exchange(path: string, question: string, timeoutMs: number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const socket = connect(path, () => socket.write(question))
    const timer = setTimeout(() => fail(notAnswering(path, `no answer within ${timeoutMs / 1_000} s`)), timeoutMs)
    const fail = (error: UserError): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size > MAX_ANSWER) fail(notAnswering(path, 'its answer is too long'))
    })
    const finish = (): void => {
      const answer = parseAnswer(Buffer.concat(chunks))
      if (!answer.ok) {
        fail(notAnswering(path, answer.error))
      } else {
        clearTimeout(timer)
        socket.destroy()
        resolve(answer.value)
      }
    }
    socket.on('end', finish)
    // A server that refuses a body it has not read resets the connection after its answer.
    socket.on('error', (error) => (size > 0 ? finish() : fail(connectError(path, error))))
  })
}

function readJson(path: string, answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.body)
  } catch (cause) {
    throw notAnswering(path, `its answer is not JSON: ${printable(messageOf(cause), 80)}`)
  }
}

function connectError(path: string, cause: NodeJS.ErrnoException): UserError {
  switch (cause.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return notRunning(`no engine runs here: there is no ${path}`, cause)
    case 'ECONNREFUSED':
      return notRunning(`no engine runs here: nobody listens on ${path}`, cause)
    case 'EINVAL':
      return notRunning(`no engine can run here: ${path} is too long for a socket`, cause)
    case 'EACCES':
    case 'EPERM':
      return noAccess(path, cause)
    default:
      return notAnswering(path, cause.message, cause)
  }
}

const notRunning = (message: string, cause: unknown): UserError =>
  new UserError(message, {
    code: 'engine.not-running',
    exitCode: EXIT.notRunning,
    nextSteps: startSteps(),
    cause,
  })

const notAnswering = (path: string, why: string, cause?: unknown): UserError =>
  new UserError(`the engine behind ${path} does not answer: ${why}`, {
    code: 'engine.not-answering',
    exitCode: EXIT.notAnswering,
    nextSteps: hasUnit()
      ? ['look at its log: journalctl -u haup -e', 'end it, so that it is started anew: systemctl kill -s KILL haup']
      : ['look at what it prints', 'end it and start it anew: haup up'],
    cause,
  })

const noAccess = (path: string, cause: unknown): UserError =>
  new UserError(`you may not open ${path}`, {
    code: 'engine.no-access',
    exitCode: EXIT.usage,
    nextSteps: path.endsWith(CONTROL_SOCKET)
      ? ['run the command as root: with sudo']
      : ['run the command as root: with sudo', 'or join the group that may look: usermod -aG haup USER'],
    cause,
  })

const otherVersion = (path: string): UserError =>
  new UserError(`the engine behind ${path} speaks another version of the control protocol`, {
    code: 'engine.other-version',
    exitCode: EXIT.notRunning,
    nextSteps: [`restart the engine after an upgrade: ${hasUnit() ? 'systemctl restart haup' : 'haup up'}`],
  })
