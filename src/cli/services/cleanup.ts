import { readClosedAddresses } from '../../engine/gate/closed-addresses.ts'
import { createGatePort } from '../../engine/gate/gate.ts'
import { now } from '../../engine/io/clock.ts'
import { lockEngine } from '../../engine/io/engine-lock.ts'
import { listInterfaces } from '../../engine/io/links.ts'
import type { GatePort } from '../../engine/ports.ts'
import { createAddressPort } from '../../engine/vip/addresses.ts'
import { EXIT, UserError } from '../../shared/errors.ts'
import { formatPrefix } from '../../shared/ip.ts'

/** `haup cleanup --json`: public API. */
export type Cleaned = {
  readonly removed: readonly { readonly address: string; readonly interface: string }[]
  /** What this box has without haup, and the gate keeps closed; absent when there is nothing. */
  readonly closed?: readonly { readonly address: string; readonly interface: string }[]
}

/**
 * Removes every address that carries haup's mark in this network namespace, and the gate, but for what is handed on after a
 * planned move: it ends within seconds, and this runs when the unit stops. The gate stays closed where
 * the box has a closed address without haup, which another node may hold; unless `open`. Throws UserError while an engine lives, which would miss them, and
 * when the kernel refuses.
 */
export async function removeLeftOvers(open = false): Promise<Cleaned> {
  const lock = await lockEngine()
  if (!lock.ok) throw lock.error === 'held' ? alive() : unlockable(lock.error)
  try {
    const removed = await removeOurs()
    const closed = open ? [] : await closedAddresses()
    await removeGate((gate) => gate.retire(closed.length > 0))
    return closed.length === 0 ? { removed } : { removed, closed }
  } finally {
    lock.value.release()
  }
}

/** Closed by the gate, and on this box without haup. */
export async function closedAddresses(): Promise<NonNullable<Cleaned['closed']>> {
  const closed = await readClosedAddresses()
  if (!closed.ok) return []
  const interfaces = await listInterfaces()
  return interfaces.flatMap(({ name, addresses }) =>
    addresses
      .filter(({ address }) => closed.value.includes(address))
      .map((each) => ({ address: formatPrefix(each), interface: name })),
  )
}

/** Every address with haup's mark, whoever runs here. Throws UserError when the kernel refuses. */
export async function removeOurs(): Promise<Cleaned['removed']> {
  const port = createAddressPort()
  try {
    const removed = await port.cleanup()
    return removed.map((each) => ({ address: formatPrefix(each.address), interface: each.interface }))
  } finally {
    port.close()
  }
}

/** After the addresses: they are closed as long as they are here. */
export async function removeGate(remove = (gate: GatePort) => gate.remove()): Promise<void> {
  const removed = await remove(createGatePort(now))
  if (removed.ok) return
  throw new UserError(`the gate cannot be removed: ${removed.error}`, {
    code: 'gate.remove',
    exitCode: EXIT.environment,
    nextSteps: ['nft delete table inet haup', 'nft delete table arp haup'],
  })
}

const alive = (): UserError =>
  new UserError('an engine runs: what it has bound is in use', {
    code: 'engine.running',
    exitCode: EXIT.negative,
    nextSteps: ['haup status', 'stop the engine: it takes its addresses along'],
  })

export const unlockable = (reason: string): UserError =>
  new UserError(`the engine lock cannot be tried: ${reason}`, { code: 'engine.lock', exitCode: EXIT.environment })
