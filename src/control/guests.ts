import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** The connections of a server. */
export type Guests = {
  /** The engine does what was asked by this one: it stays until that is done. */
  readonly occupy: <T>(guest: Socket, work: Promise<T>) => Promise<T>
}

/**
 * Keeps a server at `most` connections: a new one is let in and the oldest goes, so that whoever connects and says nothing
 * keeps nobody out.
 */
export function boundGuests(server: Server, most: number): Guests {
  /** In the order in which they came. */
  const guests = new Set<Socket>()
  const occupied = new Set<Socket>()
  server.on('connection', (guest) => {
    guests.add(guest)
    guest.once('close', () => guests.delete(guest))
    if (guests.size <= most) return
    const oldest = [...guests].find((each) => !occupied.has(each)) ?? guest
    guests.delete(oldest)
    oldest.destroy()
  })
  return {
    occupy: async (guest, work) => {
      occupied.add(guest)
      try {
        return await work
      } finally {
        occupied.delete(guest)
      }
    },
  }
}
