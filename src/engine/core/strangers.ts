import type { Warning } from '../../control/messages.ts'
import { formatPrefix } from '../../shared/ip.ts'
import type { SeenAddress } from '../ports.ts'
import type { Guarded } from './addresses.ts'
import type { EngineAction, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * Virtual addresses that somebody else has set on this box. PURE. On the interface where the instance wants one, it is used
 * as it is (`AddressPort.apply`): the gate opens it while this node holds it. It stays after haup, so that people are told
 * where it comes from.
 */
export type Stranger = Pick<SeenAddress, 'interface' | 'address' | 'origin'>

/** Says of each what it means; and where it comes from, when that has been found. */
export function lookForStrangers(plan: InstancePlan, before: InstanceRuntime, seen: readonly SeenAddress[]): Guarded {
  const strangers = strangersAmong(plan, before, seen)
  const known = before.strangers.map(describe)
  const arrived = strangers.filter((each) => !known.includes(describe(each)))
  const traced = strangers.filter(
    ({ origin, ...each }) =>
      typeof origin === 'string' &&
      !before.strangers.some((one) => one.origin === origin && describe(one) === describe(each)),
  )
  const left = before.strangers.filter((each) => !strangers.map(describe).includes(describe(each)))
  return {
    runtime: { ...before, strangers },
    actions: [
      ...arrived.map((each) => log(plan, 'warn', warningOf(plan, each))),
      ...traced.map((each) => log(plan, 'warn', { code: 'vip.stranger-origin', message: originOf(each) })),
      ...left.map((each) =>
        log(plan, 'info', { code: 'vip.stranger-gone', message: `${describe(each)} is gone, or haup's now` }),
      ),
    ],
  }
}

export const strangerWarnings = (plan: InstancePlan, { strangers }: InstanceRuntime): readonly Warning[] =>
  strangers.map((each) => {
    const { code, message } = warningOf(plan, each)
    return { code, message: `${plan.name}: ${message}` }
  })

const originOf = (each: Stranger): string => `${describe(each)} comes from ${each.origin}: remove it there`

/** A master takes what newly stands in the place of its own for its own again, see `AddressPort.apply`. */
function strangersAmong(
  plan: InstancePlan,
  { router, strangers }: InstanceRuntime,
  seen: readonly SeenAddress[],
): readonly Stranger[] {
  const known = strangers.map(describe)
  return seen.flatMap(({ interface: name, address, ours, origin }) => {
    if (ours) return []
    const virtual = plan.bindings.find((each) => each.address.address === address.address)
    if (virtual === undefined) return []
    const stranger: Stranger = { interface: name, address, ...(origin === undefined ? {} : { origin }) }
    const isOwnPlace = virtual.interface === name && virtual.address.length === address.length
    const isReplaced = router.phase.kind === 'master' && isOwnPlace && !known.includes(describe(stranger))
    return isReplaced ? [] : [stranger]
  })
}

function warningOf(plan: InstancePlan, stranger: Stranger): Warning {
  const { interface: name, address, origin } = stranger
  const what = `${describe(stranger)} is not haup's`
  const now = `ip addr del ${formatPrefix(address)} dev ${name}`
  const remedy = typeof origin === 'string' ? `remove it from ${origin}` : `remove it where it is set (now: ${now})`
  const isUsed = plan.bindings.some((each) => each.interface === name && each.address.address === address.address)
  const means = MEANS[isUsed ? 'used' : 'elsewhere'][plan.gate.kind === 'on' ? 'fenced' : 'open']
  return {
    code: 'vip.stranger',
    message: `${what}: ${means}; ${remedy}${isUsed ? ', so that haup alone sets it' : ''}`,
  }
}

const MEANS = {
  used: {
    fenced: 'it is used as it is while this node holds it, and closed by the gate while not',
    open: 'it is used as it is while this node holds it, and taken away while not',
  },
  elsewhere: {
    fenced: 'it is closed by the gate while this node does not hold it',
    open: 'this box may answer for it whoever is MASTER',
  },
} as const

const describe = ({ address, interface: name }: Stranger): string => `${formatPrefix(address)} on ${name}`

const log = (plan: InstancePlan, level: 'warn' | 'info', { code, message }: Warning): EngineAction => ({
  kind: 'log',
  record: { level, subject: plan.name, code, message },
})
