import type { Log } from '../shared/log.ts'
import { formatDuration, type Micros, micros, minus, plus } from '../shared/units.ts'
import type { GatePort } from './ports.ts'

/** One instance's side of the gate: open while its adverts are sent. */
export type InstanceGate = {
  /** An advert was sent, not before this instant: what is open stays open for its lease. */
  readonly sent: (at: Micros) => void
  /** To be called when the addresses are bound; resolves when the gate is open, or may open with a later advert. */
  readonly open: () => Promise<void>
  /** Resolves when nothing new gets in. */
  readonly close: () => Promise<void>
  /** By the clock, as the kernel counts; also true when the instance is not fenced. */
  readonly isOpen: () => boolean
}

export type InstanceGateOptions = {
  readonly name: string
  readonly port: GatePort
  /** How long an advert keeps the gate open; undefined: the instance is not fenced. */
  readonly lease: () => Micros | undefined
  readonly interval: () => Micros
  readonly now: () => Micros
  readonly log: Log
  /** The gate has opened later than it was to: clients may have to be told. */
  readonly onLateOpening: () => void
}

/** After an interval other nodes' claims have been heard; loops and clocks are not exact enough for all of it. */
const ALMOST = 0.9

export function createInstanceGate({
  name,
  port,
  lease,
  interval,
  now,
  log,
  onLateOpening,
}: InstanceGateOptions): InstanceGate {
  let wanted = false
  let sentAt: Micros | undefined
  /** Until when it is open; undefined: closed. */
  let until: Micros | undefined
  let notBefore: Micros | undefined
  let failing: string | undefined

  const complain = (code: string, message: string): void => {
    if (failing !== message) log({ level: 'error', subject: name, code, message })
    failing = message
  }
  const isOpen = (): boolean => until !== undefined && now() < until
  const renew = async (): Promise<boolean> => {
    const span = lease()
    if (span === undefined || sentAt === undefined) return false
    const deadline = plus(sentAt, span)
    const opened = await port.open(name, deadline)
    if (!wanted) return false
    if (!opened.ok) {
      complain('gate.open', opened.error)
      shut(now())
      return false
    }
    failing = undefined
    const late = !isOpen()
    until = deadline
    return late
  }
  const shut = (at: Micros): void => {
    until = undefined
    notBefore = plus(at, micros(interval() * ALMOST))
  }
  /**
   * Too late: the kernel has closed the gate, and another node may have claimed. So this advert does not open it again;
   * one that is sent an interval later does, unless a better claim has been heard by then.
   */
  const lapse = (at: Micros, since: Micros): void => {
    const message = `the gate closed: no advert for too long (${formatDuration(minus(at, since))} over); opens again in ${formatDuration(interval())}, unless another node claims`
    log({ level: 'warn', subject: name, code: 'gate.lapsed', message })
    shut(at)
  }

  return {
    sent: (at) => {
      sentAt = at
      if (!wanted || lease() === undefined) return
      if (until !== undefined && at >= until) lapse(at, until)
      if (notBefore !== undefined && at < notBefore) return
      notBefore = undefined
      void renew().then((late) => (late ? onLateOpening() : undefined))
    },
    open: async () => {
      wanted = true
      await renew()
    },
    close: async () => {
      wanted = false
      until = undefined
      notBefore = undefined
      if (lease() === undefined) return
      const closed = await port.close(name)
      if (!closed.ok) complain('gate.close', closed.error)
    },
    isOpen: () => lease() === undefined || isOpen(),
  }
}
