import type { Warning } from '../control/messages.ts'
import type { Log } from '../shared/log.ts'
import type { AddressPort } from './ports.ts'

/**
 * Taking addresses away, by their owners. What could not be removed is owed: tried again each second until it is done, or
 * the owner binds again. An address that stays here while another node claims it has two holders.
 */
export type Removals = {
  /** Resolves after the first try. */
  readonly remove: (owner: string) => Promise<void>
  /** The owner wants its addresses again. */
  readonly cancel: (owner: string) => void
  /** The owner's addresses are still here, against its will. */
  readonly isOwed: (owner: string) => boolean
  readonly warnings: () => readonly Warning[]
  /** Resolves when nothing is owed. */
  readonly done: () => Promise<void>
}

export type RemovalOptions = {
  readonly addresses: Pick<AddressPort, 'apply'>
  readonly onBug: (thrown: unknown) => void
  readonly log: Log
}

const RETRY_MS = 1_000

type Debt = { readonly error: string; readonly timer: NodeJS.Timeout }

export function createRemovals({ addresses, onBug, log }: RemovalOptions): Removals {
  const debts = new Map<string, Debt>()
  /** How often the owner has bound again: a removal from before that counts no more. */
  const turns = new Map<string, number>()
  let waiting: PromiseWithResolvers<void> | undefined

  const settle = (owner: string): void => {
    clearTimeout(debts.get(owner)?.timer)
    debts.delete(owner)
    if (debts.size === 0) waiting?.resolve()
  }
  const remove = async (owner: string): Promise<void> => {
    const before = debts.get(owner)
    const turn = turns.get(owner)
    const removed = await addresses.apply(owner, [])
    // Meanwhile the owner has bound again, or another try has come to an end.
    if (turns.get(owner) !== turn || debts.get(owner) !== before) return
    if (!removed.ok) return owe(owner, removed.error, before)
    if (before === undefined) return
    settle(owner)
    log({ level: 'info', subject: owner, code: 'vip.unbind', message: 'the addresses are removed at last' })
  }
  const owe = (owner: string, error: string, before: Debt | undefined): void => {
    clearTimeout(before?.timer)
    debts.set(owner, { error, timer: setTimeout(() => void remove(owner).catch(onBug), RETRY_MS).unref() })
    if (before?.error === error) return
    log({
      level: 'error',
      subject: owner,
      code: 'vip.unbind',
      message: `still bound, tried again each second: ${error}`,
    })
  }

  return {
    remove,
    cancel: (owner) => {
      turns.set(owner, (turns.get(owner) ?? 0) + 1)
      settle(owner)
    },
    isOwed: (owner) => debts.has(owner),
    warnings: () =>
      [...debts].map(([owner, { error }]) => ({
        code: 'vip.unbind',
        message: `${owner}: the addresses are still bound, though this node does not hold them: ${error}`,
      })),
    done: async () => {
      if (debts.size === 0) return
      waiting ??= Promise.withResolvers()
      await waiting.promise
      waiting = undefined
    },
  }
}
