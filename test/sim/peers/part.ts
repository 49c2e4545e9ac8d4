import { holdLimit } from '../../../src/engine/core/hold-limit.ts'
import type { EngineState, InstancePlan, NodePlan } from '../../../src/engine/core/types.ts'
import type { RouterAction } from '../../../src/engine/vrrp/types.ts'
import { type Micros, micros, plus } from '../../../src/shared/units.ts'
import { createSimGate, type SimGate } from './gate.ts'
import type { SimLane } from './lane.ts'

/** One instance of one box: its kernel, behind the lane, as src/engine/router-actions.ts uses it. */
export type Part = {
  readonly name: string
  readonly gate: SimGate
  /** The addresses are in the kernel. */
  readonly bound: () => boolean
  /** Closed, and handing on to this node, until then. */
  readonly handingOn: () => { readonly to: string; readonly until: Micros } | undefined
  /** Lets in what this node hands on. */
  readonly admitting: () => boolean
  readonly perform: (action: RouterAction) => void
  readonly admit: (id: number) => void
  readonly handOn: (id: number, to: string) => void
  /** The engine ended: what it has opened closes with it, when there is a gate. */
  readonly die: () => void
}

export type PartOptions = {
  /** A reload changes it. */
  readonly instance: () => InstancePlan
  readonly plan: () => NodePlan
  readonly state: () => EngineState
  readonly now: () => Micros
  readonly lane: SimLane
  /** How long the kernel takes for one thing. */
  readonly kernel: () => Micros
  readonly fails: (what: 'bind' | 'admit' | 'hand-on') => boolean
  readonly advertise: (priority: number) => void
  readonly announce: () => void
  readonly tell: (event: { readonly kind: string } & Record<string, unknown>) => void
}

const HANDED_ON_FOR = micros(10e6)

export function createPart(options: PartOptions): Part {
  const { instance, now, lane, kernel, fails, tell } = options
  const { name } = instance()
  let bound = false
  let handing: { readonly to: string; readonly until: Micros } | undefined
  let admitting = false
  /** The priority of the last advert that waits in the lane. */
  let waiting: number | undefined
  const lease = (): Micros | undefined => {
    const { gate: planned } = instance()
    return planned.kind === 'on' ? planned.lease : undefined
  }
  const gate = createSimGate({
    lease,
    interval: () => instance().router.advertInterval,
    limit: () => holdLimit(options.plan(), instance(), options.state(), now())?.until,
    now,
  })
  const quick = (): Micros => micros(kernel() / 20)

  const bindClosed = (): boolean => {
    const failed = fails('bind')
    if (failed) tell({ kind: 'bind-failed', instance: name, message: 'no buffer space available' })
    bound = !failed
    return bound
  }
  const bind = (): void => {
    lane.push(kernel(), () => {
      if (bindClosed()) handing = undefined
    })
    lane.push(quick(), () => {
      if (!bound) return
      gate.open()
      admitting = false
      tell({ kind: 'opened', instance: name })
    })
  }
  const unbind = (): void => {
    lane.push(quick(), () => {
      gate.close()
      admitting = false
    })
    lane.push(kernel(), () => {
      bound = false
      tell({ kind: 'let-go', instance: name })
    })
  }
  const sendAdvert = (priority: number): void => {
    if (waiting === priority) return
    waiting = priority
    lane.push(0 as Micros, () => {
      if (waiting === priority) waiting = undefined
      if (priority !== 0) gate.sent(now())
      options.advertise(priority)
    })
  }
  return {
    name,
    gate,
    bound: () => bound,
    handingOn: () => (handing !== undefined && handing.until > now() ? handing : undefined),
    admitting: () => bound && (admitting || gate.isOpen()),
    perform: (action) => {
      if (action.kind === 'send-advert') sendAdvert(action.priority)
      else if (action.kind === 'bind') bind()
      else if (action.kind === 'unbind') unbind()
      else if (action.kind === 'announce') {
        lane.push(0 as Micros, () => {
          if (bound && gate.isOpen()) options.announce()
        })
      }
    },
    admit: (id) =>
      lane.push(kernel(), () => {
        const failed = !bindClosed() || fails('admit')
        admitting = !failed
        tell({ kind: 'admitted', instance: name, id, error: failed ? 'refused' : undefined })
      }),
    handOn: (id, to) =>
      lane.push(quick(), () => {
        const failed = fails('hand-on')
        if (lease() === undefined) bound = false
        gate.close()
        handing = failed ? undefined : { to, until: plus(now(), HANDED_ON_FOR) }
        tell({ kind: 'handed-on', instance: name, id, error: failed ? 'refused' : undefined })
      }),
    die: () => {
      if (lease() !== undefined) gate.close()
      admitting = false
    },
  }
}
