import type { InstanceCounters, Warning } from '../control/messages.ts'
import type { ServiceConfig } from '../probes/types.ts'
import { assertNever, UserError } from '../shared/errors.ts'
import type { Log } from '../shared/log.ts'
import type { Result } from '../shared/result.ts'
import type { Micros } from '../shared/units.ts'
import { createAddressGuard } from './address-guard.ts'
import { createArpEar } from './arp-ear.ts'
import { isVouched } from './core/hold-limit.ts'
import { isAny, MARK } from './core/instance-table.ts'
import { interfacesOf } from './core/participation.ts'
import { indexOf } from './core/plan-index.ts'
import type { EngineAction, EngineEvent, InstancePlan, NodePlan } from './core/types.ts'
import type { Counters } from './counters.ts'
import { createGateKeeper } from './gate-keeper.ts'
import { createLateness, type Lateness } from './lateness.ts'
import { removeLeftOvers, sayStaying } from './left-overs.ts'
import { createLinkFollower } from './link-follower.ts'
import { limitLog } from './log-limit.ts'
import { createLoop, type Loop } from './loop.ts'
import { createParts } from './parts.ts'
import { createPeerActuator, type PeerPorts } from './peer-actions.ts'
import type {
  AddressPort,
  Announce,
  Clock,
  GatePort,
  Heartbeat,
  OpenArp,
  OpenVrrpLink,
  ServicePort,
  WatchAddresses,
  WatchLinks,
} from './ports.ts'
import { createReceiver } from './receive.ts'
import { createRemovals } from './removals.ts'
import { createRouterActuator } from './router-actions.ts'
import { createServiceActuator } from './service-actions.ts'
import { createSockets } from './sockets.ts'
import { createThirdParties, type ThirdPartyPorts } from './third-parties.ts'

export type EnginePorts = {
  readonly clock: Clock
  readonly openVrrpLink: OpenVrrpLink
  readonly addresses: AddressPort
  readonly announce: Announce
  readonly openArp: OpenArp
  readonly gate: GatePort
  readonly watchLinks: WatchLinks
  readonly watchAddresses: WatchAddresses
  readonly services: ServicePort
  /** What a channel between haup nodes needs; absent: there is none, whatever the plan says. */
  readonly peer?: (PeerPorts & ThirdPartyPorts) | undefined
  /** Resolves when what had arrived on the sockets by now has been given to the engine. */
  readonly drained: () => Promise<void>
  readonly log: Log
  /** Gets what should never have been thrown. */
  readonly onBug: (thrown: unknown) => void
  /** How the loop shows somebody else that it turns. */
  readonly heartbeat?: Heartbeat | undefined
}

export type Engine = Omit<Loop, 'reload'> & {
  readonly start: () => Promise<void>
  /** Goes on by another plan, item by item; resolves with what changed, in words, when it has been carried out. */
  readonly follow: (plan: NodePlan) => Promise<readonly string[]>
  /** Unbinds, reads back, resigns (priority 0) and closes everything; resolves when that is done. */
  readonly stop: (reason: string) => Promise<void>
  readonly counters: (instance: string) => InstanceCounters
  /** Whether the last read-back found the instance's addresses in the kernel. */
  readonly bound: (instance: string) => boolean
  /** Resolves when what was decided for the instance has been carried out: addresses bound or gone. */
  readonly settled: (instance: string) => Promise<void>
  /** About addresses that are not fenced. */
  readonly warnings: () => readonly Warning[]
  readonly lateness: Lateness
}

/** Puts the loop, the sockets and the actuators together. */
export function createEngine(plan: NodePlan, unlimited: EnginePorts): Engine {
  const { clock } = unlimited
  const log = limitLog(unlimited.log, clock.now)
  const ports: EnginePorts = { ...unlimited, log }
  const lateness = createLateness()
  const dispatch = (event: EngineEvent): void => loop.dispatch(event)
  const instances = (): readonly InstancePlan[] => loop.plan().instances
  const find = (name: string): InstancePlan | undefined => indexOf(loop.plan()).instances.get(name)
  /** As the plan has it now: a reload may have changed it since its parts were made. */
  const present = (instance: InstancePlan): InstancePlan => find(instance.name) ?? instance
  const keeper = createGateKeeper({
    ...ports,
    now: clock.now,
    onReady: (ready) => {
      dispatch({ kind: 'fence', now: clock.now(), ready })
      if (!ready) withhold()
    },
  })
  const removals = createRemovals(ports)
  const guard = createAddressGuard({
    ...ports,
    instances,
    dispatch,
    inspect: (name) => parts.get(name).actuator.inspect(),
  })
  const parts = createParts(plan, (instance, counters) =>
    createRouterActuator({
      ...ports,
      plan: instance,
      counters,
      removals,
      link: () => sockets.get(instance.interface),
      lease: keeper.lease,
      vouched: () => isVouched(loop.plan(), present(instance), loop.state(), clock.now()),
      now: clock.now,
      onLetGo: () => dispatch({ kind: 'let-go', now: clock.now(), instance: instance.name }),
      onAdvertSent: (at, id) => dispatch({ kind: 'advert-sent', now: clock.now(), instance: instance.name, at, id }),
      onBound: () => dispatch({ kind: 'bound', now: clock.now(), instance: instance.name }),
      onGate: (answer) => dispatch(gateAnswer(instance.name, answer, clock.now())),
      onOpened: () => dispatch({ kind: 'opened', now: clock.now(), instance: instance.name }),
      onBindFailed: (message) => dispatch({ kind: 'bind-failed', now: clock.now(), instance: instance.name, message }),
      onAble: () => dispatch({ kind: 'able', now: clock.now(), instance: instance.name }),
      onChecked: (error) => dispatch({ kind: 'bindings-checked', now: clock.now(), instance: instance.name, error }),
      ...guard.eventsOf(instance.name),
    }),
  )
  const counters = (name: string): Counters => parts.get(name).counters
  const priority = ({ name, basePriority }: InstancePlan) =>
    loop.state().instances.get(name)?.router.priority ?? basePriority
  const receiver = createReceiver({ instances, counters, priority, now: clock.now, dispatch, log })
  const ear = createArpEar({ ...ports, instances, stations: () => loop.state().stations, dispatch, counters })
  const sockets = createSockets({ ...ports, instances, dispatch, onPacket: receiver.receive })
  const services = (): readonly ServiceConfig[] => loop.plan().services
  const performService = createServiceActuator({ ...ports, port: ports.services, services, dispatch })
  const watchMains = (of: readonly ServiceConfig[]): void =>
    ports.services.watch(of, (service, main) => dispatch({ kind: 'main-process', now: clock.now(), service, main }))

  const perform = (action: EngineAction): void => {
    switch (action.kind) {
      case 'router':
        if (action.action.kind === 'state-change') receiver.rearm(action.instance)
        parts.get(action.instance).actuator.perform(action.action)
        return
      case 'repair':
        parts.get(action.instance).actuator.repair()
        return
      case 'service':
        performService(action.service, action.action)
        return
      case 'probe-lan': {
        const asking = find(action.instance)
        if (asking !== undefined) ear.probe(asking, action.again)
        return
      }
      case 'say':
      case 'check-reach':
      case 'admit':
      case 'hand-on':
        peers.perform(action)
        return
      case 'lease':
      case 'fence':
        thirdParties.perform(action)
        return
      case 'gate':
        parts.get(action.instance).actuator.gate(action.until)
        return
      case 'check-bindings':
        parts.get(action.instance).actuator.check()
        return
      case 'log':
        log(action.record)
        return
      default:
        assertNever(action)
    }
  }
  const peers = createPeerActuator({
    ...ports,
    ...ports.peer,
    plan: () => loop.plan(),
    state: () => loop.state(),
    actuator: (name) => parts.get(name).actuator,
    dispatch,
    lateness: () => lateness.summary().p99,
  })
  const thirdParties = createThirdParties({ ...ports, ports: ports.peer, plan: () => loop.plan(), dispatch })
  const withhold = (): void => {
    for (const { name } of instances()) parts.get(name).actuator.withhold()
  }
  const loop = createLoop({ ...ports, plan, perform, lateness, onPlan: parts.follow })
  const links = createLinkFollower(ports.watchLinks, sockets.onLink)

  return {
    ...loop,
    start: async () => {
      await keeper.fence(instances())
      await removeLeftOvers(ports)
      withhold()
      dispatch({ kind: 'start', now: clock.now() })
      watchMains(services())
      peers.follow()
      thirdParties.follow()
      ear.listen()
      await guard.start()
      await links.follow(interfacesIn(loop.plan()))
    },
    follow: async (next) => {
      // What comes is fenced before it is bound, what goes until it is unbound.
      await keeper.fence([...next.instances, ...instances()])
      const changes = loop.reload(next)
      watchMains(services())
      peers.follow()
      thirdParties.follow()
      ear.listen()
      await parts.idle()
      await keeper.fence(next.instances)
      withhold()
      sockets.follow()
      guard.lookAgain()
      await links.follow(interfacesIn(next))
      return changes
    },
    stop: async (reason) => {
      watchMains([])
      dispatch({ kind: 'leave', now: clock.now() })
      await movesDone(loop)
      links.close()
      guard.close()
      dispatch({ kind: 'stop', now: clock.now(), reason })
      await parts.idle()
      await removals.done()
      await thirdParties.close()
      peers.close()
      loop.close()
      sockets.close()
      ear.close()
      // Settings that addresses needed go back with them. An address that cannot be removed has been told of before.
      await ports.addresses.cleanup().catch(unlessUserError)
      const stay = await sayStaying(instances(), ports)
      ports.addresses.close()
      await keeper.remove(stay)
    },
    counters: (name) => counters(name).read(),
    bound: (name) => parts.get(name).actuator.bound(),
    settled: (name) => parts.get(name).actuator.idle(),
    warnings: () => [
      ...keeper.warnings(instances()),
      ...removals.warnings(),
      ...peers.warnings(),
      ...thirdParties.warnings(),
    ],
    lateness,
  }
}

const gateAnswer = (instance: string, answer: Result<Micros, string>, now: Micros): EngineEvent =>
  answer.ok
    ? { kind: 'gate-opened', now, instance, until: answer.value }
    : { kind: 'gate-failed', now, instance, message: answer.error }

/** Resolves when nothing is being handed over; each move is bounded in time. */
const movesDone = ({ state, watch }: Pick<Loop, 'state' | 'watch'>): Promise<void> =>
  new Promise((resolve) => {
    const isMoving = (): boolean => isAny(state(), MARK.movesOut)
    if (!isMoving()) return resolve()
    const unwatch = watch(() => {
      if (isMoving()) return
      unwatch()
      resolve()
    })
  })

const interfacesIn = (plan: NodePlan): readonly string[] => [...new Set(plan.instances.flatMap(interfacesOf))]

function unlessUserError(thrown: unknown): void {
  if (!(thrown instanceof UserError)) throw thrown
}
