import { createServer } from 'node:net'
import { err, ok, type Result } from '../../shared/result.ts'

/** Abstract unix sockets belong to a network namespace, and the kernel frees their name the moment the owner dies. */
const NAME = '\0haup/engine'

/**
 * Two engines in one network namespace would fight over addresses and sockets: the first one holds this lock. The error
 * is 'held' or the reason why it could not be tried.
 */
export function lockEngine(): Promise<Result<{ readonly release: () => void }, string>> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(err(error.code === 'EADDRINUSE' ? 'held' : error.message)),
    )
    server.listen(NAME, () => {
      server.unref()
      resolve(ok({ release: () => server.close() }))
    })
  })
}
