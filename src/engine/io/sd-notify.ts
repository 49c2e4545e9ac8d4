import { printable } from '../../shared/log.ts'
import { type Micros, micros } from '../../shared/units.ts'
import { createDatagramSender, type SendDatagram } from './unix-datagram.ts'

/** What a service tells its manager, as in sd_notify(3). Where no manager listens, nothing happens. */
export type SdNotify = {
  /** Whether a service manager started this process and listens. */
  readonly supervised: boolean
  readonly ready: () => void
  /** `ready` has to follow. */
  readonly reloading: () => void
  readonly stopping: () => void
  /** One line that `systemctl status` shows; the same line again is not sent. */
  readonly status: (text: string) => void
  /** The manager kills this process when `watchdog` is not called this often; undefined = it does not watch. */
  readonly watchdogInterval: Micros | undefined
  readonly watchdog: () => void
}

export type SdNotifyOptions = {
  readonly pid?: number
  readonly send?: SendDatagram
  /** Gets the reason when a message could not be sent. */
  readonly onFailure?: (message: string) => void
}

/** Everything a service manager may have set: taken out of `env`, so that children do not speak in our name. */
const VARIABLES = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const

/** Reads NOTIFY_SOCKET and WATCHDOG_* and removes them from `env`. */
export function createSdNotify(env: NodeJS.ProcessEnv, options: SdNotifyOptions = {}): SdNotify {
  const { pid = process.pid, send = createDatagramSender(), onFailure = () => undefined } = options
  const socket = env.NOTIFY_SOCKET === '' ? undefined : env.NOTIFY_SOCKET
  const watchdogInterval = socket === undefined ? undefined : readWatchdog(env, pid)
  for (const name of VARIABLES) delete env[name]
  let shown = ''

  const tell = (message: string): void => {
    if (socket === undefined) return
    const sent = send(socket, Buffer.from(`${message}\n`))
    if (!sent.ok) onFailure(sent.error)
  }
  return {
    supervised: socket !== undefined,
    ready: () => tell('READY=1'),
    reloading: () => tell('RELOADING=1'),
    stopping: () => tell('STOPPING=1'),
    status: (text) => {
      const line = printable(text, MAX_STATUS)
      if (line !== shown) tell(`STATUS=${line}`)
      shown = line
    },
    watchdogInterval,
    watchdog: () => tell('WATCHDOG=1'),
  }
}

/** `systemctl status` shows one row. */
const MAX_STATUS = 1_000

/** WATCHDOG_PID names the process that is meant: the variables may have come to us by way of another one. */
function readWatchdog(env: NodeJS.ProcessEnv, pid: number): Micros | undefined {
  const { WATCHDOG_USEC: interval = '', WATCHDOG_PID: meant = String(pid) } = env
  return /^[1-9]\d{0,14}$/.test(interval) && meant === String(pid) ? micros(Number(interval)) : undefined
}
