import type { AddressPort, BoundAddress, GatePort } from '../../../src/engine/ports.ts'
import { err, ok, type Result } from '../../../src/shared/result.ts'
import { type Micros, ZERO } from '../../../src/shared/units.ts'
import type { VirtualTime } from './virtual-time.ts'

const fine: Result<void, string> = ok(undefined)

/** Addresses and the gate as a kernel has them. Notes what is done, in order, in short words. */
export function createFakeKernel(time: VirtualTime, note: (deed: string) => void) {
  const bound = new Map<string, readonly BoundAddress[]>()
  const openUntil = new Map<string, Micros>()
  const wrong: string[] = []
  let handingOn = false
  const slow = { bind: ZERO, unbind: ZERO, open: ZERO, close: ZERO }
  const refuse: { bind?: string; unbind?: string; open?: string; close?: string } = {}
  const answer = (error: string | undefined): Result<void, string> => (error === undefined ? fine : err(error))
  const isOpen = (): boolean => [...openUntil.values()].some((until) => until > time.now())
  const isBound = (): boolean => [...bound.values()].some((addresses) => addresses.length > 0)

  const addresses: AddressPort = {
    apply: async (owner, desired) => {
      const what = desired.length > 0 ? 'bind' : 'unbind'
      await time.wait(slow[what])
      if (what === 'unbind' && isOpen()) wrong.push('unbound while the gate was open')
      note(what)
      if (refuse[what] === undefined) bound.set(owner, desired)
      return answer(refuse[what])
    },
    renew: async () => fine,
    check: async () => answer(refuse.bind),
    missing: async (desired) => ok(isBound() ? [] : desired),
    others: async () => ok([]),
    withhold: async () => ok([]),
    cleanup: async () => {
      note('clean up')
      return []
    },
    close: () => undefined,
  }
  const gate: GatePort = {
    prepare: async () => {
      note('fence')
      return ok({ kind: 'ready' })
    },
    open: async (owner, until) => {
      await time.wait(slow.open)
      if (refuse.open !== undefined) return err(refuse.open)
      if (!isBound()) wrong.push('the gate opened before the addresses were bound')
      if (!isOpen()) note('open')
      openUntil.set(owner, until)
      handingOn = false
      return fine
    },
    close: async (owner) => {
      await time.wait(slow.close)
      note('close')
      if (refuse.close === undefined) openUntil.delete(owner)
      return answer(refuse.close)
    },
    admit: async () => {
      note('admit')
      return fine
    },
    handOn: async (owner) => {
      note('hand on')
      openUntil.delete(owner)
      handingOn = true
      return fine
    },
    remove: async () => {
      note('take gate away')
      return fine
    },
    retire: async () => {
      note('retire gate')
      return fine
    },
    onForeignChange: () => undefined,
  }
  return {
    addresses,
    gate,
    slow,
    refuse,
    wrong,
    isOpen,
    isBound,
    isHandingOn: () => handingOn,
    /** Answers clients. */
    serves: () => isBound() && isOpen(),
    /** When it closes by itself, unless it is opened for longer. */
    openUntil: () => [...openUntil.values()][0] ?? ZERO,
  }
}

export type FakeKernel = ReturnType<typeof createFakeKernel>
