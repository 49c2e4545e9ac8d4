import {
  closedGate,
  type GateInput,
  type GateRules,
  type GateState,
  gateStep,
  isOpen,
} from '../../../src/engine/core/gate-policy.ts'
import { fromMillis, type Micros, toMillis } from '../../../src/shared/units.ts'

const at = (milliseconds: number): Micros => fromMillis(milliseconds)

/** The policy with adverts each 100 ms and a lease of 277 ms; orders as words, in milliseconds. */
export function policy() {
  let state: GateState = closedGate
  let rules: GateRules = { lease: at(277), interval: at(100), limit: undefined }
  const feed = (input: GateInput): readonly string[] => {
    const step = gateStep(rules, state, input)
    state = step.gate
    return step.orders.map((order) => {
      if (order.kind === 'open') return `open ${toMillis(order.until)}: ${order.why}`
      if (order.kind === 'close') return `close: ${order.why}`
      return order.kind === 'announce' ? 'announce' : `${order.level} ${order.code}: ${order.message}`
    })
  }
  return {
    sent: (time: number, now = time) => feed({ kind: 'sent', at: at(time), now: at(now) }),
    bound: (now: number) => feed({ kind: 'bound', now: at(now) }),
    limits: (now: number) => feed({ kind: 'limits', now: at(now) }),
    opened: (until: number, now: number) => feed({ kind: 'opened', until: at(until), now: at(now) }),
    failed: (message: string, now: number) => feed({ kind: 'failed', message, now: at(now) }),
    released: (now: number) => feed({ kind: 'released', now: at(now) }),
    limit: (milliseconds: number | undefined, complete = false, reason = 'web2 is silent') => {
      const limit = milliseconds === undefined ? undefined : { until: at(milliseconds), reason, complete }
      rules = { ...rules, limit }
    },
    lease: (milliseconds: number | undefined) => {
      rules = { ...rules, lease: milliseconds === undefined ? undefined : at(milliseconds) }
    },
    isOpen: (now: number) => isOpen(state, rules.lease, at(now)),
  }
}

export const BY_ADVERTS = 'its adverts are sent'

/** Bound at 10 ms, by an advert of 0 ms, and opened. */
export function opened() {
  const gate = policy()
  gate.sent(0)
  gate.bound(10)
  gate.opened(277, 12)
  return gate
}
