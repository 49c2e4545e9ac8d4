import { native } from '../../native/index.ts'

const LOOK_EVERY_MS = 1_000

/**
 * Calls `onDrops` within a second after the kernel could not queue messages for a netlink socket of this process. Without
 * this the loss (ENOBUFS) is an error of the socket, on which the npm package's addon ends the whole process.
 */
export function watchOverflow(protocol: number, port: number, onDrops: () => void): { readonly close: () => void } {
  const descriptor = native().surviveOverflow(protocol, port)
  let drops = native().netlinkDrops(descriptor)
  const timer = setInterval(() => {
    const seen = native().netlinkDrops(descriptor)
    if (seen === drops) return
    drops = seen
    onDrops()
  }, LOOK_EVERY_MS)
  return { close: () => clearInterval(timer) }
}
