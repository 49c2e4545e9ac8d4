import type { InstanceCounters } from '../control/messages.ts'
import { assertNever } from '../shared/errors.ts'
import type { Log } from '../shared/log.ts'
import type { EngineAction, EngineEvent, InstancePlan, NodePlan } from './core/types.ts'
import { type Counters, createCounters } from './counters.ts'
import { createLateness, type Lateness } from './lateness.ts'
import { createLoop, type Loop } from './loop.ts'
import type { AddressPort, Announce, Clock, Heartbeat, OpenVrrpLink, ServicePort, WatchLinks } from './ports.ts'
import { createReceiver } from './receive.ts'
import { createRouterActuator, type RouterActuator } from './router-actions.ts'
import { createServiceActuator } from './service-actions.ts'
import { createSockets } from './sockets.ts'

export type EnginePorts = {
  readonly clock: Clock
  readonly openVrrpLink: OpenVrrpLink
  readonly addresses: AddressPort
  readonly announce: Announce
  readonly watchLinks: WatchLinks
  readonly services: ServicePort
  /** Resolves when what had arrived on the sockets by now has been given to the engine. */
  readonly drained: () => Promise<void>
  readonly log: Log
  /** Gets what should never have been thrown. */
  readonly onBug: (thrown: unknown) => void
  /** How the loop shows somebody else that it turns. */
  readonly heartbeat?: Heartbeat | undefined
}

export type Engine = Loop & {
  readonly start: () => Promise<void>
  /** Unbinds, reads back, resigns (priority 0) and closes everything; resolves when that is done. */
  readonly stop: (reason: string) => Promise<void>
  readonly counters: (instance: string) => InstanceCounters
  /** Whether the last read-back found the instance's addresses in the kernel. */
  readonly bound: (instance: string) => boolean
  /** Resolves when what was decided for the instance has been carried out: addresses bound or gone. */
  readonly settled: (instance: string) => Promise<void>
  readonly lateness: Lateness
}

type Part = { readonly counters: Counters; readonly actuator: RouterActuator }

/** Puts the loop, the sockets and the actuators together. */
export function createEngine(plan: NodePlan, ports: EnginePorts): Engine {
  const { clock, log } = ports
  const lateness = createLateness()
  const dispatch = (event: EngineEvent): void => loop.dispatch(event)
  const parts = new Map(plan.instances.map((instance) => [instance.name, createPart(instance)]))

  function createPart(instance: InstancePlan): Part {
    const counters = createCounters()
    const link = () => sockets.get(instance.interface)
    const onBindFailed = (message: string): void =>
      dispatch({ kind: 'bind-failed', now: clock.now(), instance: instance.name, message })
    return { counters, actuator: createRouterActuator({ ...ports, plan: instance, counters, link, onBindFailed }) }
  }

  const part = (name: string): Part => {
    const found = parts.get(name)
    if (found === undefined) throw new Error(`no instance ${name}`)
    return found
  }

  const counters = (name: string): Counters => part(name).counters
  const receiver = createReceiver({ instances: plan.instances, counters, now: clock.now, dispatch, log })
  const sockets = createSockets({ ...ports, plan, dispatch, onPacket: receiver.receive })
  const performService = createServiceActuator({ ...ports, port: ports.services, services: plan.services, dispatch })

  const perform = (action: EngineAction): void => {
    switch (action.kind) {
      case 'router':
        if (action.action.kind === 'state-change') receiver.rearm(action.instance)
        part(action.instance).actuator.perform(action.action)
        return
      case 'service':
        performService(action.service, action.action)
        return
      case 'log':
        log(action.record)
        return
      default:
        assertNever(action)
    }
  }
  const loop = createLoop({ ...ports, plan, perform, lateness })
  let linkWatch: { readonly close: () => void } | undefined

  return {
    ...loop,
    start: async () => {
      await removeLeftOvers(ports)
      dispatch({ kind: 'start', now: clock.now() })
      linkWatch = await ports.watchLinks([...new Set(plan.instances.map((each) => each.interface))], sockets.onLink)
    },
    stop: async (reason) => {
      linkWatch?.close()
      dispatch({ kind: 'stop', now: clock.now(), reason })
      await Promise.all([...parts.values()].map(({ actuator }) => actuator.idle()))
      clock.wakeAt(undefined, () => {})
      sockets.close()
      ports.addresses.close()
    },
    counters: (name) => counters(name).read(),
    bound: (name) => part(name).actuator.bound(),
    settled: (name) => part(name).actuator.idle(),
    lateness,
  }
}

async function removeLeftOvers({ addresses, log }: EnginePorts): Promise<void> {
  for (const { address, interface: name } of await addresses.cleanup()) {
    const message = `removed ${address.address}/${address.length} from ${name}: left over from an earlier life`
    log({ level: 'warn', subject: 'haup', code: 'vip.left-over', message })
  }
}
