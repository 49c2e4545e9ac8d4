import { namesOf } from '../config/check-names.ts'
import type { Arbiter, Fencing, Witness } from '../config/types.ts'
import type { Warning } from '../control/messages.ts'
import type { Log } from '../shared/log.ts'
import type { EngineAction, EngineEvent, NodePlan } from './core/types.ts'
import { fencingOf } from './io/fence.ts'
import { createLeaseKeeper, type LeaseKeeper } from './lease-keeper.ts'
import type { ArbiterPort, Clock, FencePort, ReachPort, ReachTarget } from './ports.ts'
import { watchWitness } from './witness-watch.ts'

export type ThirdPartyPorts = {
  readonly reach: ReachPort
  /** The lease of one instance. */
  readonly openArbiter: (arbiter: Arbiter, instance: string) => ArbiterPort
  readonly createFence: (fencing: Fencing) => FencePort
  /** From now on these names must be known when they are needed. */
  readonly knowNames?: (hosts: readonly string[]) => void
}

export type ThirdPartyAction = Extract<EngineAction, { kind: 'lease' | 'fence' }>

export type ThirdParties = {
  readonly perform: (action: ThirdPartyAction) => void
  /** After the start, and after a change of the plan: watches the witnesses that it names now. */
  readonly follow: () => void
  /** Of leases that are wanted and not had. */
  readonly warnings: () => readonly Warning[]
  /** Gives leases back, and ends. */
  readonly close: () => Promise<void>
}

export type ThirdPartyOptions = {
  readonly ports: ThirdPartyPorts | undefined
  readonly plan: () => NodePlan
  readonly clock: Clock
  readonly dispatch: (event: EngineEvent) => void
  readonly onBug: (thrown: unknown) => void
  readonly log: Log
}

/** Witnesses that are watched, leases that are kept, nodes that are fenced: what they tell becomes events. */
export function createThirdParties({ ports, plan, clock, dispatch, onBug, log }: ThirdPartyOptions): ThirdParties {
  const watches = new Map<string, { readonly witness: string; readonly close: () => void }>()
  const leases = new Map<string, LeaseKeeper>()
  /** Instances whose lease is wanted now. */
  const wanted = new Set<string>()
  /** The arbiter's settings that the leases are kept by. */
  let asked: string | undefined

  const leaseOf = (instance: string): LeaseKeeper | undefined => {
    const present = leases.get(instance)
    const { arbiter, node } = plan()
    if (present !== undefined || arbiter === undefined || ports === undefined) return present
    const keeper = createLeaseKeeper({
      arbiter: ports.openArbiter(arbiter, instance),
      config: { holder: node, ttl: arbiter.ttl },
      clock,
      onLimit: (until) => dispatch({ kind: 'lease', now: clock.now(), instance, until }),
      onNotice: ({ level, text }) => log({ level, subject: instance, code: 'arbiter', message: text }),
    })
    leases.set(instance, keeper)
    return keeper
  }
  /** Leases of another arbiter, or of instances that are no more, are given back. */
  const followArbiter = (): void => {
    const { arbiter, instances } = plan()
    const isSame = JSON.stringify(arbiter) === asked
    asked = JSON.stringify(arbiter)
    for (const [name, keeper] of leases) {
      const isKnown = instances.some((instance) => instance.name === name)
      if (isSame && isKnown) continue
      leases.delete(name)
      if (!isKnown) wanted.delete(name)
      keeper.close().catch(onBug)
    }
    for (const name of wanted) leaseOf(name)?.want(true)
  }
  const fence = async (instance: string, node: string): Promise<void> => {
    const { fencing } = plan()
    if (fencing === undefined || ports === undefined) return
    const command = fencingOf(fencing.argv, node).join(' ')
    log({ level: 'warn', subject: instance, code: 'fence', message: `fencing ${node}: ${command}` })
    const { confirmed, line } = await ports.createFence(fencing).fence(node)
    const message = confirmed ? `${node} is off: ${line}` : `fencing of ${node} is not confirmed: ${line}`
    log({ level: confirmed ? 'warn' : 'error', subject: instance, code: 'fence', message })
    dispatch({ kind: 'fenced', now: clock.now(), instance, node, confirmed })
  }
  const watch = (witness: Extract<Witness, { kind: 'reachability' }>, port: ReachPort): void => {
    const { name } = witness
    const target = targetOf(witness, plan())
    const { close } = watchWitness(port, { ...witness, target }, (lost) => {
      const message = lost === undefined ? 'answers again' : `lost: ${lost}`
      log({ level: lost === undefined ? 'info' : 'warn', subject: name, code: 'witness', message })
      dispatch({ kind: 'witness', now: clock.now(), name, lost })
    })
    watches.set(name, { witness: JSON.stringify(witness), close })
  }
  return {
    perform: (action) => {
      if (action.kind === 'lease') {
        if (action.wanted) wanted.add(action.instance)
        else wanted.delete(action.instance)
        leaseOf(action.instance)?.want(action.wanted)
      } else fence(action.instance, action.node).catch(onBug)
    },
    follow: () => {
      if (ports === undefined) return
      const { witnesses, arbiter } = plan()
      ports.knowNames?.(namesOf(arbiter === undefined ? witnesses : [...witnesses, arbiter]))
      followArbiter()
      const named = plan().witnesses.flatMap((each) => (each.kind === 'reachability' ? [each] : []))
      for (const [name, { witness, close }] of watches) {
        if (named.some((each) => each.name === name && JSON.stringify(each) === witness)) continue
        close()
        watches.delete(name)
        dispatch({ kind: 'witness', now: clock.now(), name, lost: undefined })
      }
      for (const each of named) if (!watches.has(each.name)) watch(each, ports.reach)
    },
    warnings: () =>
      [...leases]
        .filter(([name, keeper]) => wanted.has(name) && keeper.limit() === undefined)
        .map(([name, keeper]) => ({ code: 'arbiter', message: `${name}: ${keeper.describe()}` })),
    close: async () => {
      for (const { close } of watches.values()) close()
      await Promise.all([...leases.values()].map((keeper) => keeper.close()))
      ports?.reach.close()
    },
  }
}

/** Any answer of a web server shows that it is there. */
function targetOf({ target }: Extract<Witness, { kind: 'reachability' }>, plan: NodePlan): ReachTarget {
  const home = plan.instances[0]?.interface ?? ''
  switch (target.kind) {
    case 'arp':
      return { kind: 'arp', interface: home, address: target.address }
    case 'ping':
      return { kind: 'ping', address: target.address, interface: undefined }
    case 'tcp':
      return target
    case 'http':
      return { kind: 'http', url: target.url, status: [[100, 599]], ca: { kind: 'none' } }
  }
}
