import { formatDuration, type Micros, micros, minus, plus } from '../../shared/units.ts'
import type { HoldLimit } from './hold-limit.ts'

/**
 * When the gate of one instance is opened, until when, and why: the policy, without the kernel. The gate is open until the
 * earlier one of the last advert's lease (gate-deadline.ts) and what the other nodes let it (hold-limit.ts); where all of
 * them vote, their votes alone count. It closes by time, in the kernel; the policy only ever gives it more, or less.
 *
 *   sent      an advert left                       open for its lease; after a lapse only an interval later
 *   bound     the addresses are in the kernel      open for what is left of the lease
 *   limits    what others allow may have moved     open for longer, or closed
 *   opened    the kernel has done it               says so when it was late
 *   failed    the kernel has not                   closed until an interval later
 *   released  this node lets go                    nothing is opened any more
 */
export type GateState = {
  /** The addresses are bound, and this node answers for them. */
  readonly wanted: boolean
  /** The last advert, with the lease that it was sent with: a reload changes what the next one says, not what that one said. */
  readonly sent: { readonly at: Micros; readonly lease: Micros } | undefined
  /** What the kernel has confirmed; undefined: closed. */
  readonly open: Deadline | undefined
  /** What the kernel was asked for last. `late`: clients are told when it opens. */
  readonly asked: (Deadline & { readonly late: boolean }) | undefined
  /** After a lapse: an advert that is sent before this opens nothing. */
  readonly notBefore: Micros | undefined
  /** The limit that keeps it closed, as it was said. */
  readonly limited: string | undefined
  /** The kernel's last refusal, as it was said. */
  readonly failing: string | undefined
}

/** `limit`: what ends it, when that is not the advert's lease. */
export type Deadline = { readonly until: Micros; readonly limit: HoldLimit | undefined }

export const closedGate: GateState = {
  wanted: false,
  sent: undefined,
  open: undefined,
  asked: undefined,
  notBefore: undefined,
  limited: undefined,
  failing: undefined,
}

export type GateRules = {
  /** How long an advert keeps the gate open; undefined: the instance is not fenced. */
  readonly lease: Micros | undefined
  readonly interval: Micros
  /** Asked for at this event. */
  readonly limit: HoldLimit | undefined
}

export type GateInput = { readonly now: Micros } & (
  | { readonly kind: 'sent'; readonly at: Micros }
  | { readonly kind: 'bound' | 'limits' | 'released' }
  | { readonly kind: 'opened'; readonly until: Micros }
  | { readonly kind: 'failed'; readonly message: string }
)

export type GateOrder =
  | { readonly kind: 'open'; readonly until: Micros; readonly why: string }
  | { readonly kind: 'close'; readonly why: string }
  /** It has opened later than it was to: clients may have to be told. */
  | { readonly kind: 'announce' }
  | { readonly kind: 'say'; readonly level: 'warn' | 'error'; readonly code: string; readonly message: string }

export type GateStep = { readonly gate: GateState; readonly orders: readonly GateOrder[] }

/** After an interval other nodes' claims have been heard; loops and clocks are not exact enough for all of it. */
const ALMOST = 0.9

export function gateStep(rules: GateRules, gate: GateState, input: GateInput): GateStep {
  const { now } = input
  switch (input.kind) {
    case 'released':
      return still({ ...closedGate, sent: gate.sent, failing: gate.failing })
    case 'bound':
      return renew(rules, { ...gate, wanted: true }, now, false)
    case 'sent':
      return sent(rules, gate, input.at, now)
    case 'limits':
      return extend(rules, gate, now)
    case 'opened':
      return opened(gate, input.until, now)
    case 'failed':
      return failed(rules, gate, input.message, now)
  }
}

/** By the clock, as the kernel counts; also true when the instance is not fenced. */
export const isOpen = ({ open, wanted }: GateState, lease: Micros | undefined, now: Micros): boolean =>
  lease === undefined ? wanted : open !== undefined && now < open.until

const still = (gate: GateState): GateStep => ({ gate, orders: [] })

/** Until when the last advert keeps it open; undefined: not fenced, or none was sent. */
const leasedUntil = ({ lease }: GateRules, { sent: last }: GateState): Micros | undefined =>
  lease === undefined || last === undefined ? undefined : plus(last.at, last.lease)

function deadlineOf(rules: GateRules, gate: GateState): Deadline | undefined {
  const leased = leasedUntil(rules, gate)
  const { limit } = rules
  if (leased === undefined) return undefined
  if (limit !== undefined && (limit.complete || limit.until < leased)) return { until: limit.until, limit }
  return { until: leased, limit: undefined }
}

function sent(rules: GateRules, gate: GateState, at: Micros, now: Micros): GateStep {
  const { lease, limit } = rules
  const before = leasedUntil(rules, gate)
  if (lease === undefined) return still({ ...gate, sent: undefined })
  const next: GateState = { ...gate, sent: { at, lease } }
  if (!gate.wanted) return still(next)
  if (limit?.complete === true) return renew(rules, { ...next, notBefore: undefined }, now, true)
  const { open } = gate
  const isLimited = open === undefined ? gate.limited !== undefined : open.limit !== undefined
  const ended = isLimited ? (before ?? open?.until) : open?.until
  if (ended !== undefined && at >= ended) return lapse(rules, next, ended, at)
  if (gate.notBefore !== undefined && at < gate.notBefore) return still(next)
  return renew(rules, { ...next, notBefore: undefined }, now, true)
}

/**
 * Too late: the kernel has closed the gate, and another node may have claimed. So this advert does not open it again; one
 * that is sent an interval later does, unless a better claim has been heard by then.
 */
function lapse({ interval }: GateRules, gate: GateState, since: Micros, at: Micros): GateStep {
  const over = formatDuration(minus(at, since))
  const message = `the gate closed: no advert for too long (${over} over); opens again in ${formatDuration(interval)}, unless another node claims`
  const notBefore = plus(at, micros(interval * ALMOST))
  return {
    gate: { ...gate, open: undefined, asked: undefined, notBefore },
    orders: [say('warn', 'gate.lapsed', message)],
  }
}

/** What has lapsed is opened by an advert only, unless all others vote for this node. */
function extend(rules: GateRules, gate: GateState, now: Micros): GateStep {
  if (!gate.wanted) return still(gate)
  if (rules.limit?.complete === true) return renew(rules, { ...gate, notBefore: undefined }, now, true)
  const leased = leasedUntil(rules, gate)
  if (gate.notBefore !== undefined || leased === undefined || now >= leased) return still(gate)
  return renew(rules, gate, now, true)
}

function renew(rules: GateRules, gate: GateState, now: Micros, late: boolean): GateStep {
  const deadline = deadlineOf(rules, gate)
  if (deadline === undefined) return still(gate)
  const { until, limit } = deadline
  if (until <= now && limit !== undefined) return stop(gate, limit, now)
  // No advert of late: the next one that is sent opens.
  if (until <= now) return gate.open === undefined ? still(gate) : lapse(rules, gate, gate.open.until, now)
  const { asked } = gate
  if (late && asked !== undefined && isMuchTheSame(asked.until, until, now)) return still(gate)
  const why = limit === undefined ? 'its adverts are sent' : limit.reason
  return { gate: { ...gate, asked: { ...deadline, late } }, orders: [{ kind: 'open', until, why }] }
}

/** A few per cent more are not worth a word to the kernel; less always is. */
const isMuchTheSame = (asked: Micros, until: Micros, now: Micros): boolean =>
  until >= asked && (until - now) * 0.95 <= asked - now

/** The limit has passed: no fault of the adverts, so it opens again as soon as there is another one. */
function stop(gate: GateState, { reason }: HoldLimit, now: Micros): GateStep {
  const wasOpen =
    (gate.open !== undefined && now < gate.open.until) || (gate.asked !== undefined && now < gate.asked.until)
  const message = `the gate is closed: ${reason}; opens again when that has changed`
  const orders: GateOrder[] = gate.limited === reason ? [] : [say('warn', 'gate.limited', message)]
  if (wasOpen) orders.push({ kind: 'close', why: reason })
  return { gate: { ...gate, open: undefined, asked: undefined, limited: reason }, orders }
}

function opened(gate: GateState, until: Micros, now: Micros): GateStep {
  const { asked, open } = gate
  if (!gate.wanted || asked === undefined) return still(gate)
  const confirmed: Deadline = until === asked.until ? { until, limit: asked.limit } : { until, limit: undefined }
  const wasLate = open === undefined || now >= open.until
  const orders: GateOrder[] = []
  if (open?.limit !== undefined && wasLate) {
    const message = `the gate was closed for ${formatDuration(minus(now, open.until))}: ${open.limit.reason}`
    orders.push(say('warn', 'gate.limited', message))
  }
  if (wasLate && asked.late) orders.push({ kind: 'announce' })
  return { gate: { ...gate, open: confirmed, limited: undefined, failing: undefined }, orders }
}

function failed({ interval }: GateRules, gate: GateState, message: string, now: Micros): GateStep {
  const orders: GateOrder[] = gate.failing === message ? [] : [say('error', 'gate.open', message)]
  const notBefore = plus(now, micros(interval * ALMOST))
  return { gate: { ...gate, open: undefined, asked: undefined, notBefore, failing: message }, orders }
}

const say = (level: 'warn' | 'error', code: string, message: string): GateOrder => ({
  kind: 'say',
  level,
  code,
  message,
})
