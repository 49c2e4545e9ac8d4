import { engineDeadline, engineTransition, initialEngine } from '../../../src/engine/core/core.ts'
import { planReload } from '../../../src/engine/core/reload.ts'
import type { EngineAction, EngineEvent, EngineState, NodePlan } from '../../../src/engine/core/types.ts'
import type { LanReach } from '../../../src/engine/peer/types.ts'
import type { Advert } from '../../../src/engine/vrrp/types.ts'
import { earliest, fromMillis, type Micros, ZERO } from '../../../src/shared/units.ts'
import { createSimLease, type SimLease, type Store } from './arbiter.ts'
import type { LocalClock, SimClock } from './clock.ts'
import { createSimLane } from './lane.ts'
import { createPart, type Part, type PartOptions } from './part.ts'
import { createTalk, type Datagram, type Talk } from './talk.ts'

/** An event without its time: the box adds it when its engine reads it. */
export type Incoming = { readonly kind: string } & Record<string, unknown>

export type BoxOptions = Pick<PartOptions, 'kernel' | 'fails'> & {
  readonly name: string
  readonly plan: NodePlan
  readonly clock: SimClock
  readonly local: LocalClock
  readonly store: Store
  readonly reachesStore: () => boolean
  readonly hearsArp: boolean
  readonly transmit: (to: string, datagram: Datagram) => void
  readonly advertise: (instance: string, advert: Advert) => void
  readonly announce: (instance: string) => void
  readonly probe: (instance: string) => void
  readonly fence: (node: string, done: (confirmed: boolean) => void) => void
  readonly log: (line: string) => void
}

/** One box: an engine (its core is the real one), and the kernel, which outlives it. */
export function createBox(options: BoxOptions) {
  const { name, clock, local, log } = options
  const { now } = local
  let { plan } = options
  let state: EngineState = initialEngine(plan, now())
  let life = 0
  let alive = false
  let frozen = false
  let stalledUntil: Micros = ZERO
  let inbox: (() => void)[] = []
  let parts = new Map<string, Part>()
  let leases = new Map<string, SimLease>()
  let talks = new Map<string, Talk>()
  const counts = { says: 0, spins: 0, changes: 0 }
  let spin = { at: ZERO, times: 0 }
  const world = { reach: 'unknown' as LanReach, healthy: true, powered: true }

  /** To be read by the engine, when it reads. */
  const deliver = (read: () => void): void => {
    const { current } = { current: life }
    const inLife = (): void => {
      if (alive && life === current) read()
    }
    if (!alive) return
    if (frozen || clock.now() < stalledUntil) inbox.push(inLife)
    else inLife()
  }
  const dispatch = (event: Incoming): void => {
    const step = engineTransition(plan, state, { ...event, now: now() } as unknown as EngineEvent)
    state = step.state
    for (const action of step.actions) perform(action)
  }
  const tell = (event: Incoming): void => deliver(() => dispatch(event))
  const later = (delay: Micros, event: () => Incoming): void => clock.after(delay, () => tell(event()))

  const perform = (action: EngineAction): void => {
    switch (action.kind) {
      case 'router':
        if (action.action.kind === 'state-change') {
          counts.changes += 1
          const { from, to, cause } = action.action
          log(`${name} ${action.instance} ${from} -> ${to} (${cause.kind})`)
        }
        parts.get(action.instance)?.perform(action.action)
        return
      case 'say':
        counts.says += action.nodes.length
        for (const node of action.nodes) talks.get(node)?.say(action.report)
        return
      case 'admit':
        parts.get(action.instance)?.admit(action.id)
        return
      case 'hand-on':
        parts.get(action.instance)?.handOn(action.id, action.to)
        return
      case 'check-reach':
        later(fromMillis(5), () => ({ kind: 'reach', instance: action.instance, lan: world.reach }))
        return
      case 'probe-lan':
        options.probe(action.instance)
        clock.after(action.again, () => (alive ? options.probe(action.instance) : undefined))
        return
      case 'check-bindings':
        later(fromMillis(1), () => ({ kind: 'bindings-checked', instance: action.instance, error: undefined }))
        return
      case 'extend':
        parts.get(action.instance)?.gate.extend()
        return
      case 'lease':
        leases.get(action.instance)?.want(action.wanted)
        return
      case 'fence': {
        const { instance, node } = action
        options.fence(node, (confirmed) => tell({ kind: 'fenced', instance, node, confirmed }))
        return
      }
      case 'service':
        if (action.action.kind !== 'probe') return
        later(fromMillis(1), () => {
          const { healthy: ok } = world
          const results = [{ probe: 'tcp', ok, detail: ok ? 'open' : 'refused', took: ZERO }]
          return { kind: 'probed', service: action.service, results }
        })
        return
      case 'log':
        log(`${name} ${action.record.code}: ${action.record.message}`)
        return
      default:
        return
    }
  }

  const makePart = ({ name: instanceName }: NodePlan['instances'][number]): Part => {
    const instance = () => plan.instances.find((each) => each.name === instanceName) ?? fail(instanceName)
    const lane = createSimLane(clock.now, (when, run) => clock.at(when, () => (frozen ? inbox.push(run) : run())))
    const lived = life
    return createPart({
      ...options,
      instance,
      plan: () => plan,
      state: () => state,
      now,
      lane: { push: (took, run) => lane.push(took, () => (life === lived && alive ? run() : undefined)) },
      tell,
      announce: () => options.announce(instanceName),
      advertise: (priority) => {
        const { version, vrid, addresses, advertInterval: interval } = instance().router
        options.advertise(instanceName, { version, vrid, priority, interval, addresses })
      },
    })
  }
  const makeLease = (instance: string): SimLease =>
    createSimLease({
      store: options.store,
      instance,
      config: { holder: name, ttl: plan.arbiter?.ttl ?? fromMillis(5_000) },
      now,
      reaches: options.reachesStore,
      after: (run) => clock.after(fromMillis(5), () => deliver(run)),
      onLimit: (until) => tell({ kind: 'lease', instance, until }),
    })
  const makeTalk = (node: string): Talk =>
    createTalk(`${name}/${life}`, {
      now,
      transmit: (datagram) => options.transmit(node, datagram),
      onPath: (path) => dispatch({ kind: 'peer-path', node, path }),
      onMet: () => dispatch({ kind: 'peer-met', node }),
      onHeard: (path, report, provenAt) => {
        dispatch({ kind: 'peer-heard', node, path, report, provenAt })
        for (const [instance, { peer }] of state.instances) if (peer.holding) parts.get(instance)?.gate.extend()
      },
    })

  const start = (): void => {
    life += 1
    alive = true
    frozen = false
    inbox = []
    world.powered = true
    state = initialEngine(plan, now())
    parts = new Map(plan.instances.map((instance) => [instance.name, makePart(instance)]))
    leases = plan.arbiter === undefined ? new Map() : new Map([...parts.keys()].map((each) => [each, makeLease(each)]))
    talks = new Map((plan.channel?.peers ?? []).map((node) => [node, makeTalk(node)]))
    dispatch({ kind: 'start' })
    if (options.hearsArp) dispatch({ kind: 'arp-ready', ready: true })
    dispatch({ kind: 'socket', interface: 'eth0', error: undefined })
    dispatch({ kind: 'link', link: { interface: 'eth0', up: true, detail: 'eth0 is up' } })
  }

  /** As src/engine/loop.ts does; an engine that is started later goes by the new one from the beginning. */
  const reload = (next: NodePlan): void => {
    const before = plan
    plan = next
    if (!alive) return
    const step = planReload(before, next, state, now())
    if (step.gone.length > 0) fail(step.gone.join())
    state = step.state
    for (const action of step.actions) perform(action)
    dispatch({ kind: 'timer' })
  }

  const deadline = (): Micros | undefined => {
    if (!alive || frozen) return undefined
    let at = engineDeadline(state)
    for (const lease of leases.values()) at = earliest(at, lease.deadline())
    if (at === undefined) return undefined
    const when = local.when(at)
    return when < stalledUntil ? stalledUntil : when
  }
  const timer = (): void => {
    const at = now()
    spin = { at, times: spin.at === at ? spin.times + 1 : 0 }
    counts.spins = Math.max(counts.spins, spin.times)
    for (const lease of leases.values()) if ((lease.deadline() ?? Number.POSITIVE_INFINITY) <= at) lease.timer()
    dispatch({ kind: 'timer' })
    readInbox()
  }
  const readInbox = (): void => {
    for (const read of inbox.splice(0)) read()
  }

  return {
    name,
    world,
    counts,
    start,
    deadline,
    timer,
    tell,
    dispatch,
    reload: (next: NodePlan) => (alive ? deliver(() => reload(next)) : reload(next)),
    hear: (from: string, path: string, datagram: Datagram) => deliver(() => talks.get(from)?.hear(path, datagram)),
    hears: () => alive && options.hearsArp,
    isAlive: () => alive,
    isFrozen: () => frozen,
    localNow: now,
    state: () => state,
    plan: () => plan,
    part: (instance: string) => parts.get(instance),
    accepts: (instance: string): boolean => {
      const part = parts.get(instance)
      return world.powered && part?.bound() === true && part.gate.isOpen()
    },
    /** What the kernel closes by time. */
    closesAt: (): Micros | undefined => {
      const ends = [...parts.values()].filter(({ gate }) => gate.isOpen() && gate.until() > 0)
      const at = ends.reduce<Micros | undefined>((first, { gate }) => earliest(first, gate.until()), undefined)
      return at === undefined ? undefined : local.when(at)
    },
    /** The engine is no more; with `power` the whole box. */
    die: (power: boolean) => {
      alive = false
      for (const part of parts.values()) part.die()
      if (power) world.powered = false
    },
    freeze: (on: boolean) => {
      frozen = on
      if (!on) readInbox()
    },
    /** The loop is busy for so long: timers are late, and come before what has arrived. */
    stall: (span: Micros) => {
      if (!alive || frozen || clock.now() < stalledUntil) return
      stalledUntil = (clock.now() + span) as Micros
      clock.at(stalledUntil, () => {
        const due = deadline()
        if (due !== undefined && due <= clock.now()) timer()
        readInbox()
      })
    },
  }
}

export type Box = ReturnType<typeof createBox>

const fail = (what: string): never => {
  throw new Error(`the simulation knows nothing of ${what}`)
}
