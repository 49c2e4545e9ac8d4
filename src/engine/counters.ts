import type { InstanceCounters } from '../control/messages.ts'

type Numeric = Exclude<keyof InstanceCounters, 'rejected'>

/** What happened to one instance since the engine started. */
export type Counters = {
  readonly count: (what: Numeric) => void
  readonly reject: (reason: string) => void
  readonly read: () => InstanceCounters
}

export function createCounters(): Counters {
  const numbers: Record<Numeric, number> = {
    adverts_sent: 0,
    adverts_received: 0,
    became_master: 0,
    released_master: 0,
    priority_zero_sent: 0,
    priority_zero_received: 0,
    send_errors: 0,
    announcements_sent: 0,
    foreign_claims_heard: 0,
    repairs: 0,
  }
  const rejected = new Map<string, number>()
  return {
    count: (what) => {
      numbers[what] += 1
    },
    reject: (reason) => {
      rejected.set(reason, (rejected.get(reason) ?? 0) + 1)
    },
    read: () => ({ ...numbers, rejected: Object.fromEntries(rejected) }),
  }
}
