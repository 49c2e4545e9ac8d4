import { connect } from 'node:net'
import { formatDuration } from '../shared/units.ts'
import { type Bounds, bad, describeNetworkError, good, stopwatch, type Verdict, within } from './attempt.ts'
import { names } from './names.ts'

/** Whether a connection is accepted. A hung server passes, since the kernel accepts for it: prefer `http`. */
export function probeTcp(target: { readonly host: string; readonly port: number }, bounds: Bounds): Promise<Verdict> {
  const took = stopwatch()
  return new Promise((resolve) => {
    const socket = connect({ host: target.host, port: target.port, lookup: names.lookup })
    const end = (verdict: Verdict): void => {
      bounds.signal.removeEventListener('abort', giveUp)
      socket.destroy()
      resolve(verdict)
    }
    const giveUp = (): void => end(bad(names.trouble(target.host) ?? within('no connection', bounds)))
    bounds.signal.addEventListener('abort', giveUp)
    socket.on('connect', () => end(good(`connected in ${formatDuration(took())}`)))
    socket.on('error', (error) => end(bad(describeNetworkError(error))))
  })
}
