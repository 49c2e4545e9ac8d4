import type { Log } from '../shared/log.ts'
import { ok, type Result } from '../shared/result.ts'
import { formatDuration, type Micros, micros, minus, plus } from '../shared/units.ts'
import type { HoldLimit } from './core/hold-limit.ts'
import type { Admission, GatePort, HandOn } from './ports.ts'

/** One instance's side of the gate: open while its adverts are sent. */
export type InstanceGate = {
  /** An advert was sent, not before this instant: what is open stays open for its lease. */
  readonly sent: (at: Micros) => void
  /** The limit has moved: what is open, or was closed by the limit, is open until the new one, if the advert's lease lets it. */
  readonly extend: () => void
  /** To be called when the addresses are bound; resolves when the gate is open, or may open with a later advert. */
  readonly open: () => Promise<void>
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
  /** How long an advert keeps the gate open; undefined: the instance is not fenced. */
  readonly lease: () => Micros | undefined
  /** Asked at every opening; absent or undefined: there is none but the lease. */
  readonly limit?: () => HoldLimit | undefined
  readonly interval: () => Micros
  readonly now: () => Micros
  readonly log: Log
  /** The gate has opened later than it was to: clients may have to be told. */
  readonly onLateOpening: () => void
}

/** After an interval other nodes' claims have been heard; loops and clocks are not exact enough for all of it. */
const ALMOST = 0.9

type Sent = { readonly at: Micros; readonly lease: Micros | undefined }
type Deadline = { readonly until: Micros; readonly limit: HoldLimit | undefined }

export function createInstanceGate(options: InstanceGateOptions): InstanceGate {
  const { name, port, lease, limit, interval, now, log } = options
  let wanted = false
  /** The last advert, and the lease that it was sent with: a reload changes what the next one says, not what that one said. */
  let last: Sent | undefined
  /** Until when it is open, and the limit if that is what ends it; undefined: closed. */
  let open: Deadline | undefined
  let notBefore: Micros | undefined
  let failing: string | undefined
  let limited: string | undefined

  const complain = (code: string, message: string): void => {
    if (failing !== message) log({ level: 'error', subject: name, code, message })
    failing = message
  }
  /** Until when the last advert keeps it open; undefined: not fenced, or none was sent. */
  const leased = (): Micros | undefined => {
    const span = lease()
    return span === undefined || last === undefined ? undefined : plus(last.at, last.lease ?? span)
  }
  const isOpen = (): boolean => open !== undefined && now() < open.until
  const renew = async (): Promise<boolean> => {
    const deadline = deadlineOf(leased(), limit?.())
    if (deadline === undefined) return false
    if (deadline.limit !== undefined && deadline.until <= now()) {
      await stopAt(deadline.limit)
      return false
    }
    // No advert of late: the next one that is sent opens.
    if (deadline.until <= now()) {
      if (open !== undefined) lapse(now(), open.until)
      return false
    }
    const opened = await port.open(name, deadline.until)
    if (!wanted) return false
    if (!opened.ok) {
      complain('gate.open', opened.error)
      shut(now())
      return false
    }
    failing = undefined
    limited = undefined
    const at = now()
    const late = open === undefined || at >= open.until
    if (open?.limit !== undefined && late) sayClosed(minus(at, open.until), open.limit)
    open = deadline
    return late
  }
  /** The kernel has closed it at the limit, and the limit moved only then. */
  const sayClosed = (span: Micros, { reason }: HoldLimit): void => {
    const message = `the gate was closed for ${formatDuration(span)}: ${reason}`
    log({ level: 'warn', subject: name, code: 'gate.limited', message })
  }
  /** The limit has passed: no fault of the adverts, so it opens again as soon as there is another one. */
  const stopAt = async ({ reason }: HoldLimit): Promise<void> => {
    const wasOpen = isOpen()
    open = undefined
    if (limited !== reason) {
      const message = `the gate is closed: ${reason}; opens again when that has changed`
      log({ level: 'warn', subject: name, code: 'gate.limited', message })
    }
    limited = reason
    if (wasOpen) await shutPort()
  }
  const shutPort = async (): Promise<void> => {
    const closed = await port.close(name)
    if (!closed.ok) complain('gate.close', closed.error)
  }
  const shut = (at: Micros): void => {
    open = undefined
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
  const renewAndTell = (): void => void renew().then((late) => (late ? options.onLateOpening() : undefined))
  const letGo = (): void => {
    wanted = false
    open = undefined
    notBefore = undefined
    limited = undefined
  }

  return {
    sent: (at) => {
      const before = leased()
      last = { at, lease: lease() }
      if (!wanted || last.lease === undefined) return
      const byLimit = open === undefined ? limited !== undefined : open.limit !== undefined
      const ended = byLimit ? (before ?? open?.until) : open?.until
      if (ended !== undefined && at >= ended) lapse(at, ended)
      if (notBefore !== undefined && at < notBefore) return
      notBefore = undefined
      renewAndTell()
    },
    extend: () => {
      if (!wanted || notBefore !== undefined) return
      const until = leased()
      // What has lapsed is opened by an advert only.
      if (until !== undefined && now() < until) renewAndTell()
    },
    open: async () => {
      wanted = true
      await renew()
    },
    close: async () => {
      letGo()
      if (lease() !== undefined) await shutPort()
    },
    admit: async (admission, until) => (lease() === undefined ? ok(undefined) : port.admit(name, admission, until)),
    handOn: async (target, until) => {
      letGo()
      if (lease() === undefined) return ok(undefined)
      const handed = await port.handOn(name, target, until)
      if (!handed.ok) await shutPort()
      return handed
    },
    isOpen: () => lease() === undefined || isOpen(),
  }
}

/** The earlier one of the lease's end and the limit. */
function deadlineOf(leased: Micros | undefined, limit: HoldLimit | undefined): Deadline | undefined {
  if (leased === undefined) return undefined
  return limit !== undefined && limit.until < leased
    ? { until: limit.until, limit }
    : { until: leased, limit: undefined }
}
