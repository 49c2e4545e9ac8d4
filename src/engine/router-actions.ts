import { formatPrefix, type Ipv4 } from '../shared/ip.ts'
import type { Log } from '../shared/log.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { fromSeconds, type Micros, toSeconds, ZERO } from '../shared/units.ts'
import { createAdvertSender } from './advert-sender.ts'
import type { InstancePlan } from './core/types.ts'
import type { Counters } from './counters.ts'
import { createInstanceGate } from './instance-gate.ts'
import { createLane, type Lane } from './lane.ts'
import type { AddressPort, Admission, Announce, BoundAddress, GatePort, HandOn, VrrpLink } from './ports.ts'
import type { Removals } from './removals.ts'
import type { RouterAction } from './vrrp/types.ts'

export type RouterActuator = {
  readonly perform: (action: RouterAction) => void
  /** Looks whether binding would succeed; the answer goes to `onChecked`. */
  readonly check: () => void
  /** Looks, in turn with the actions, whether the kernel still has what is bound; says what it lacks. */
  readonly inspect: () => void
  /** Binds again what is missing, reads back and announces; the answer comes by `onRepaired`. */
  readonly repair: () => void
  /** Takes away what others have set of the instance's addresses, unless it holds them or a gate closes them. */
  readonly withhold: () => void
  /** Goes on by other settings of the same router. */
  readonly replan: (plan: InstancePlan) => void
  /** Binds behind the closed gate, which lets in what the old holder hands on. */
  readonly admit: (admission: Admission, until: Micros, done: (error: string | undefined) => void) => void
  /** Closes, and hands on to the new holder; the addresses stay bound. */
  readonly handOn: (target: HandOn, until: Micros, done: (error: string | undefined) => void) => void
  /** Opens the gate until then, or closes it, at once: the core decides when the addresses are bound. */
  readonly gate: (until: Micros | undefined) => void
  /** Whether the last read-back found the addresses in the kernel, also those that could not be removed. */
  readonly bound: () => boolean
  readonly idle: () => Promise<void>
}

export type RouterActuatorOptions = {
  readonly plan: InstancePlan
  readonly counters: Counters
  readonly link: () => VrrpLink | undefined
  readonly addresses: AddressPort
  readonly removals: Removals
  readonly announce: Announce
  readonly gate: GatePort
  /** How long an advert keeps the instance's addresses open; undefined: they are not fenced. */
  readonly lease: (plan: InstancePlan) => Micros | undefined
  /** Others acknowledge by other means than VRRP that this node holds the addresses. */
  readonly vouched: () => boolean
  readonly now: () => Micros
  /** The addresses are gone, or closed for good. */
  readonly onLetGo: () => void
  /** An advert of a master left, not before that instant, under this number. */
  readonly onAdvertSent: (at: Micros, id: number) => void
  /** The addresses are in the kernel: the core may open the gate. */
  readonly onBound: () => void
  readonly onGate: (answer: Result<Micros, string>) => void
  /** What follows binding has been done. */
  readonly onOpened: () => void
  /** Also when adverts cannot be sent: either way the instance cannot serve. */
  readonly onBindFailed: (message: string) => void
  /** What that told of succeeds again. */
  readonly onAble: () => void
  readonly onChecked: (error: string | undefined) => void
  readonly onMissing: (missing: readonly BoundAddress[]) => void
  readonly onRepaired: (result: Result<void, string>) => void
  readonly onBug: (thrown: unknown) => void
  readonly log: Log
}

/** Carries out one router's actions in order, against the kernel. */
export function createRouterActuator(options: RouterActuatorOptions): RouterActuator {
  const { counters, log } = options
  let { plan } = options
  const lane: Lane = createLane(options.onBug)
  let bound = false
  /** The priority of the last advert that waits in the lane. */
  let waiting: number | undefined
  let renewedAt = ZERO
  /** The last advert could not be sent: what nobody was told by VRRP is not told by ARP. */
  let unheard = false
  let failing: string | undefined
  /** The addresses could not be bound when that was last tried. */
  let unbindable = false

  const complain = (code: string, message: string): void => {
    if (failing !== message) log({ level: 'error', subject: plan.name, code, message })
    failing = message
  }

  const send = createAdvertSender({
    ...options,
    plan: () => plan,
    // Haup nodes that hear this one by the channel do not wait for its adverts.
    onUnable: (message) => (options.vouched() ? undefined : options.onBindFailed(message)),
  })
  const sendAdvert = (priority: number): void => {
    const begun = options.now()
    const sent = send(priority)
    if (sent.ok) failing = undefined
    else complain('vrrp.send', `advert not sent on ${plan.interface}: ${sent.error}`)
    unheard = !sent.ok && !options.vouched()
    if (unheard) return
    if (priority !== 0) options.onAdvertSent(sent.ok ? sent.value.at : begun, sent.ok ? sent.value.id : UNSENT)
    if (bound && begun - renewedAt >= RENEW_EVERY) renew().catch(options.onBug)
  }
  /** Adverts that had to wait for the kernel leave as one: a burst of equal ones tells nothing. */
  const queueAdvert = (priority: number): void => {
    if (waiting === priority) return
    waiting = priority
    lane.push(() => {
      if (waiting === priority) waiting = undefined
      sendAdvert(priority)
    })
  }

  /** The net beneath the gate: addresses of an engine that died go by themselves. */
  const renew = async (): Promise<void> => {
    renewedAt = options.now()
    const renewed = await options.addresses.renew(plan.name, lifetime(plan))
    if (!renewed.ok) complain('vip.renew', renewed.error)
  }

  const bindClosed = async (): Promise<Result<void, string>> => {
    options.removals.cancel(plan.name)
    const applied = await options.addresses.apply(plan.name, plan.bindings)
    bound = applied.ok && plan.bindings.length > 0
    if (applied.ok && unbindable) options.onAble()
    unbindable = !applied.ok
    if (!applied.ok) {
      log({ level: 'error', subject: plan.name, code: 'vip.bind', message: applied.error })
      options.onBindFailed(applied.error)
    }
    if (bound) await renew()
    return applied
  }
  const bind = async (): Promise<void> => {
    await bindClosed()
    if (!bound) return
    options.onBound()
    await gate.settled()
    options.onOpened()
  }
  const admit = async (admission: Admission, until: Micros): Promise<string | undefined> => {
    const applied = await bindClosed()
    const admitted = applied.ok ? await gate.admit(admission, until) : applied
    return admitted.ok ? undefined : admitted.error
  }
  const handOn = async (target: HandOn, until: Micros): Promise<string | undefined> => {
    // Without a gate only an address that is gone is not answered for.
    if (options.lease(plan) === undefined) await unbind()
    const handed = await gate.handOn(target, until)
    return handed.ok ? undefined : handed.error
  }
  const unbind = async (): Promise<void> => {
    await gate.close()
    await options.removals.remove(plan.name)
    if (options.lease(plan) === undefined) await withhold()
    bound = false
    if (options.lease(plan) !== undefined || !options.removals.isOwed(plan.name)) options.onLetGo()
  }

  /** Without a gate an address that others have set answers for as long as it is here. */
  const withhold = async (): Promise<void> => {
    const taken = await options.addresses.withhold(plan.bindings)
    if (!taken.ok) return complain('vip.withhold', taken.error)
    for (const { address, interface: name } of taken.value) {
      const message = `${formatPrefix(address)}, which somebody else has set, is taken from ${name} while another node may hold it; set again when haup ends`
      log({ level: 'warn', subject: plan.name, code: 'vip.withheld', message })
    }
  }

  const announce = (): void => {
    if (!bound || unheard || !gate.isOpen()) return
    for (const [interfaceName, addresses] of byInterface(plan.bindings)) {
      const sent = options.announce(interfaceName, addresses)
      if (sent.ok) counters.count('announcements_sent')
      else complain('vip.announce', `gratuitous ARP not sent on ${interfaceName}: ${sent.error}`)
    }
  }

  const gate = createInstanceGate({
    name: plan.name,
    port: options.gate,
    fenced: () => options.lease(plan) !== undefined,
    now: options.now,
    onOpened: (until) => options.onGate(ok(until)),
    onFailed: (message) => options.onGate(err(message)),
    onNotClosed: (message) => complain('gate.close', message),
  })

  const inspect = async (): Promise<void> => {
    if (!bound) return
    const missing = await options.addresses.missing(plan.bindings)
    // What cannot be read is not known to be missing; the next change is looked at again.
    if (!missing.ok || missing.value.length === 0) return
    bound = false
    options.onMissing(missing.value)
  }

  const repair = async (): Promise<void> => {
    const applied = await options.addresses.apply(plan.name, plan.bindings)
    bound = applied.ok
    if (applied.ok) {
      counters.count('repairs')
      announce()
    } else {
      unbindable = true
      log({ level: 'error', subject: plan.name, code: 'vip.repair', message: applied.error })
    }
    options.onRepaired(applied)
  }

  const perform = (action: RouterAction): void => {
    switch (action.kind) {
      case 'send-advert':
        queueAdvert(action.priority)
        return
      case 'bind':
        lane.push(bind)
        return
      case 'unbind':
        lane.push(unbind)
        return
      case 'announce':
        lane.push(announce)
        return
      case 'state-change':
        if (action.to === 'master') counters.count('became_master')
        if (action.from === 'master') counters.count('released_master')
        return
      case 'notice':
        return
    }
  }
  const check = (): void =>
    lane.push(async () => {
      const checked = await options.addresses.check(plan.bindings)
      options.onChecked(checked.ok ? undefined : checked.error)
    })
  const replan = (next: InstancePlan): void => {
    plan = next
  }
  return {
    perform,
    check,
    inspect: () => lane.push(inspect),
    repair: () => lane.push(repair),
    replan,
    withhold: () =>
      lane.push(async () => {
        if (!bound && options.lease(plan) === undefined) await withhold()
      }),
    admit: (admission, until, done) => lane.push(async () => done(await admit(admission, until))),
    handOn: (target, until, done) => lane.push(async () => done(await handOn(target, until))),
    gate: (until) => void gate.set(until).catch(options.onBug),
    bound: () => bound || options.removals.isOwed(plan.name),
    idle: lane.idle,
  }
}

/** Not a number that an advert carries: others vouch for this node, and its adverts cannot be sent. */
const UNSENT = 0

/** The kernel counts lifetimes in whole seconds; renewing more often would only make noise. */
const RENEW_EVERY = fromSeconds(1)

/** Seconds: longer than any lease of the gate, which is the fence, and than the time between two renewals. */
const lifetime = (plan: InstancePlan): number => Math.ceil(4 * toSeconds(plan.router.advertInterval)) + 1

function byInterface(bindings: readonly BoundAddress[]): Map<string, Ipv4[]> {
  const grouped = new Map<string, Ipv4[]>()
  for (const { interface: name, address } of bindings) {
    grouped.set(name, [...(grouped.get(name) ?? []), address.address])
  }
  return grouped
}
