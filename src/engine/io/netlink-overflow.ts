import { native } from '../../native/index.ts'

const LOOK_EVERY_MS = 1_000

/** One timer for all sockets: each time that an idle process wakes up costs it more than what it does then. */
const looks = new Set<() => void>()
let timer: NodeJS.Timeout | undefined

/**
 * Calls `onDrops` within a second after the kernel could not queue messages for a netlink socket of this process. Without
 * this the loss (ENOBUFS) is an error of the socket, on which the npm package's addon ends the whole process.
 */
export function watchOverflow(protocol: number, port: number, onDrops: () => void): { readonly close: () => void } {
  const descriptor = native().surviveOverflow(protocol, port)
  let drops = native().netlinkDrops(descriptor)
  const look = (): void => {
    const seen = native().netlinkDrops(descriptor)
    if (seen === drops) return
    drops = seen
    onDrops()
  }
  looks.add(look)
  timer ??= setInterval(() => {
    for (const each of looks) each()
  }, LOOK_EVERY_MS)
  return {
    close: () => {
      looks.delete(look)
      if (looks.size > 0) return
      clearInterval(timer)
      timer = undefined
    },
  }
}
