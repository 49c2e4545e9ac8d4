import type { Micros } from '../../../src/shared/units.ts'
import { plus, ZERO } from '../../../src/shared/units.ts'

/** What src/engine/instance-gate.ts does, with a kernel that answers at once and closes by the box's own clock. */
export type SimGate = {
  readonly sent: (at: Micros) => void
  readonly extend: () => void
  readonly open: () => void
  readonly close: () => void
  readonly isOpen: () => boolean
  /** When the kernel closes it by itself. */
  readonly until: () => Micros
}

export type SimGateOptions = {
  /** Undefined: not fenced, what is bound is open. */
  readonly lease: () => Micros | undefined
  readonly interval: () => Micros
  readonly limit: () => Micros | undefined
  readonly now: () => Micros
}

const ALMOST = 0.9

export function createSimGate({ lease, interval, limit, now }: SimGateOptions): SimGate {
  let wanted = false
  /** Until when the last advert keeps it open. */
  let leased: Micros | undefined
  let open: { readonly until: Micros; readonly limited: boolean } | undefined
  let notBefore: Micros | undefined
  let limited = false

  const renew = (): void => {
    if (lease() === undefined || leased === undefined) return
    const most = limit()
    const byLimit = most !== undefined && most < leased
    const until = byLimit ? most : leased
    if (byLimit && until <= now()) {
      limited = true
      open = undefined
      return
    }
    limited = false
    open = { until, limited: byLimit }
  }
  return {
    sent: (at) => {
      const before = leased
      const span = lease()
      leased = span === undefined ? undefined : plus(at, span)
      if (!wanted || span === undefined) return
      const byLimit = open === undefined ? limited : open.limited
      const ended = byLimit ? (before ?? open?.until) : open?.until
      if (ended !== undefined && at >= ended) {
        open = undefined
        notBefore = plus(at, (interval() * ALMOST) as Micros)
      }
      if (notBefore !== undefined && at < notBefore) return
      notBefore = undefined
      renew()
    },
    extend: () => {
      if (!wanted || lease() === undefined || notBefore !== undefined) return
      if (leased !== undefined && now() < leased) renew()
    },
    open: () => {
      wanted = true
      renew()
    },
    close: () => {
      wanted = false
      open = undefined
      notBefore = undefined
      limited = false
    },
    isOpen: () => wanted && (lease() === undefined || (open !== undefined && now() < open.until)),
    until: () => open?.until ?? ZERO,
  }
}
