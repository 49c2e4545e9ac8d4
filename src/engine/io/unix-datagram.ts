import { errnoCode, native } from '../../native/index.ts'
import { messageOf } from '../../shared/errors.ts'
import { err, ok, type Result } from '../../shared/result.ts'

/** Sends one datagram to a unix socket (`/path` or `@abstract-name`); never blocks. The error is the system's reason. */
export type SendDatagram = (name: string, data: Uint8Array) => Result<void, string>

/** One socket for all receivers, opened at the first call; it lives as long as the process. */
export function createDatagramSender(): SendDatagram {
  let socket: number | undefined
  return (name, data) => {
    try {
      socket ??= native().openUnixDatagramSocket()
      native().sendUnixDatagram(socket, name, data)
      return ok(undefined)
    } catch (thrown) {
      if (!/^E[A-Z0-9]+$/.test(errnoCode(thrown) ?? '') && errnoCode(thrown) !== 'ERR_INVALID_ARG') throw thrown
      return err(`${name}: ${messageOf(thrown)}`)
    }
  }
}
