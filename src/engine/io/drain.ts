/** Turns of the event loop after which every packet that was waiting has been read: one is read per turn. */
const TURNS = 64

/** Resolves when what had arrived on the sockets by now has been handed out; bounded, so that a flood cannot hold it. */
export async function drained(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}
