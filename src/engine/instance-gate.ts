import { ok, type Result } from '../shared/result.ts'
import type { Micros } from '../shared/units.ts'
import type { Admission, GatePort, HandOn } from './ports.ts'

/** Carries out for one instance what the core decides about its gate (core/gate-policy.ts), and says what the kernel did. */
export type InstanceGate = {
  /** Open until then, or close: what was asked for last counts. Resolves when the kernel has answered. */
  readonly set: (until: Micros | undefined) => Promise<void>
  /** Resolves when what was asked for so far has been done. */
  readonly settled: () => Promise<void>
  /** Resolves when nothing new gets in. */
  readonly close: () => Promise<void>
  /** While closed: lets in what the old holder hands on. Nothing to do, and no error, where the instance is not fenced. */
  readonly admit: (admission: Admission, until: Micros) => Promise<Result<void, string>>
  /**
   * Closes, and hands on to the new holder. It is closed also when there is an error: then without handing on. An instance
   * that is not fenced stays as it is, without an error.
   */
  readonly handOn: (target: HandOn, until: Micros) => Promise<Result<void, string>>
  /** By the clock, as the kernel counts; also true when the instance is not fenced. */
  readonly isOpen: () => boolean
}

export type InstanceGateOptions = {
  readonly name: string
  readonly port: GatePort
  readonly fenced: () => boolean
  readonly now: () => Micros
  readonly onOpened: (until: Micros) => void
  readonly onFailed: (message: string) => void
  /** It could not be closed: it does so by time. */
  readonly onNotClosed: (message: string) => void
}

export function createInstanceGate({ name, port, fenced, now, ...tell }: InstanceGateOptions): InstanceGate {
  /** As the kernel has confirmed; undefined: closed. */
  let open: Micros | undefined
  /** Tells answers to what was asked for before a closing from those after it. */
  let turn = 0
  let last: Promise<void> = Promise.resolve()

  const closePort = async (): Promise<void> => {
    const closed = await port.close(name)
    if (!closed.ok) tell.onNotClosed(closed.error)
  }
  const shut = (): void => {
    turn += 1
    open = undefined
  }
  const openPort = async (until: Micros): Promise<void> => {
    const asked = turn
    const opened = await port.open(name, until)
    if (asked !== turn) return
    open = opened.ok ? until : undefined
    if (opened.ok) tell.onOpened(until)
    else tell.onFailed(opened.error)
  }
  const close = async (): Promise<void> => {
    shut()
    if (fenced()) await closePort()
  }
  return {
    set: (until) => {
      last = until === undefined ? close() : openPort(until)
      return last
    },
    settled: () => last,
    close,
    admit: async (admission, until) => (fenced() ? port.admit(name, admission, until) : ok(undefined)),
    handOn: async (target, until) => {
      shut()
      if (!fenced()) return ok(undefined)
      const handed = await port.handOn(name, target, until)
      if (!handed.ok) await closePort()
      return handed
    },
    isOpen: () => !fenced() || (open !== undefined && now() < open),
  }
}
