import { lockEngine } from '../../engine/io/engine-lock.ts'
import { createAddressPort } from '../../engine/vip/addresses.ts'
import { EXIT, UserError } from '../../shared/errors.ts'
import { formatPrefix } from '../../shared/ip.ts'

/** `haup cleanup --json`: public API. */
export type Cleaned = {
  readonly removed: readonly { readonly address: string; readonly interface: string }[]
}

/**
 * Removes every address that carries haup's mark in this network namespace. Throws UserError while an engine lives, which
 * would miss them, and when the kernel refuses.
 */
export async function removeLeftOvers(): Promise<Cleaned> {
  const lock = await lockEngine()
  if (!lock.ok) throw lock.error === 'held' ? alive() : unlockable(lock.error)
  const port = createAddressPort()
  try {
    const removed = await port.cleanup()
    return {
      removed: removed.map((each) => ({ address: formatPrefix(each.address), interface: each.interface })),
    }
  } finally {
    port.close()
    lock.value.release()
  }
}

const alive = (): UserError =>
  new UserError('an engine runs: what it has bound is in use', {
    code: 'engine.running',
    exitCode: EXIT.negative,
    nextSteps: ['haup status', 'stop the engine: it takes its addresses along'],
  })

const unlockable = (reason: string): UserError =>
  new UserError(`the engine lock cannot be tried: ${reason}`, { code: 'engine.lock', exitCode: EXIT.environment })
