import type { Status } from '../../../src/control/messages.ts'
import { initialEngine } from '../../../src/engine/core/core.ts'
import type { EngineEvent, EngineState, NodePlan } from '../../../src/engine/core/types.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import type { LanReach } from '../../../src/engine/peer/types.ts'
import type { LinkState, SeenAddress } from '../../../src/engine/ports.ts'
import { buildStatus } from '../../../src/engine/status.ts'
import type { ArpPacket, Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Micros } from '../../../src/shared/units.ts'
import { ZERO } from '../../../src/shared/units.ts'
import type { LocalClock } from './clock.ts'
import { createCpu } from './cpu.ts'
import { createSimKernel, type SimKernelOptions } from './kernel.ts'
import { beginLife, type Life, type LifeOptions } from './life.ts'
import { createEar, type Deafness } from './senses.ts'
import type { Datagram } from './talk.ts'

/** An event without its time: the box adds it when its engine reads it. */
export type Incoming = EngineEvent extends infer Each ? (Each extends EngineEvent ? Omit<Each, 'now'> : never) : never

/** What only a packet on the LAN can have told. */
const BY_LAN: ReadonlySet<Incoming['kind']> = new Set(['advert', 'foreign-claim', 'lan-probe', 'neighbour'])

export type BoxOptions = Pick<SimKernelOptions, 'takes' | 'fails'> &
  Pick<LifeOptions, 'plan' | 'clock' | 'mac' | 'hearsArp' | 'store' | 'reachesStore' | 'fence' | 'onBug'> &
  Pick<LifeOptions, 'transmit' | 'sendAdvert' | 'sendArp'> & {
    readonly name: string
    readonly local: LocalClock
    readonly log: (line: string) => void
  }

/** The clock of the wall and the counters of packets are the shell's. */
const shownBy = (engine: Engine, now: Micros): Status =>
  buildStatus(engine.plan(), engine.state(), {
    ...{ now, wallClock: new Date(0), started: now, version: 'test', pid: 1, configFile: 'haup.yaml' },
    ...{ counters: engine.counters, bound: engine.bound, lateness: engine.lateness.summary() },
    warnings: engine.warnings(),
  })

/** One box: an engine that lives and dies, and the kernel, which outlives it. */
export function createBox(options: BoxOptions) {
  const { name, mac, clock, local, log, onBug } = options
  const { now } = local
  let { plan } = options
  let life: Life | undefined
  let lives = 0
  let spin = { at: ZERO, times: 0 }
  const counts = { says: 0, spins: 0, changes: 0, claims: 0 }
  const world = {
    reach: 'unknown' as LanReach,
    healthy: true,
    powered: true,
    linked: true,
    deaf: undefined as Deafness,
    /** Packets that have come in by its LAN. */
    received: 0,
    /** Its own address is on its interface. */
    addressed: true,
    /** How long its kernel takes, if not as long as those of the others. */
    kernel: undefined as Micros | undefined,
  }
  const cpu = createCpu(clock)
  /** Whoever sends it: to one that is deaf nothing comes. */
  const receive = (run?: () => void): void => {
    if (world.deaf !== undefined) return
    world.received += 1
    run?.()
  }
  const nobody = (): void => undefined
  const kernel = createSimKernel({
    ...options,
    now,
    takes: () => world.kernel ?? options.takes(),
    waker: () => life?.wake ?? nobody,
  })
  const link = (): LinkState => ({
    interface: 'eth0',
    up: world.linked,
    detail: `eth0 is ${world.linked ? 'up' : 'down'}`,
  })
  const seen = (): readonly SeenAddress[] =>
    plan.instances
      .slice(0, world.addressed ? 1 : 0)
      .map(({ router }) => ({ address: { address: router.source, length: 24 }, interface: 'eth0', ours: false }))

  const deliver = (run: (to: Life) => void): void => {
    const to = life
    to?.wake(() => run(to))
  }
  const tell = (event: Incoming): void => {
    const dispatch = (): void => deliver(({ engine }) => engine.dispatch({ ...event, now: now() }))
    if (BY_LAN.has(event.kind)) receive(dispatch)
    else dispatch()
  }

  const start = (): void => {
    if (!world.powered) kernel.reboot()
    world.powered = true
    cpu.reset()
    lives += 1
    const ear = createEar(world)
    life = beginLife({
      ...options,
      ...kernel,
      id: `${name}/${lives}`,
      plan,
      cpu,
      now,
      link,
      seen,
      isHealthy: () => world.healthy,
      reach: { asks: () => ear.asks(now()), finds: () => ear.finds(now()) },
      onSay: (nodes) => {
        counts.says += nodes
      },
      say: (line) => log(`${name} ${line}`),
    })
    follow(life.engine)
  }
  /** Counts what its routers do. */
  const follow = ({ watch }: Engine): void => {
    const phases = new Map<string, string>()
    watch(({ instances }) => {
      for (const [instance, { router, cause }] of instances) {
        const { kind } = router.phase
        const before = phases.get(instance) ?? 'initialize'
        phases.set(instance, kind)
        if (kind === before) continue
        counts.changes += 1
        if (kind === 'master') counts.claims += 1
        log(`${name} ${instance} ${before} -> ${kind} (${cause})`)
      }
    })
  }
  const end = (ending: Life): void => {
    if (ending === life && ending.isAlive()) kernel.engineEnded()
    ending.end()
  }

  const deadline = (): Micros | undefined => {
    const at = life?.dueAt()
    return at === undefined ? undefined : cpu.firesAt(local.when(at))
  }
  const timer = (): void => {
    const at = now()
    spin = { at, times: spin.at === at ? spin.times + 1 : 0 }
    counts.spins = Math.max(counts.spins, spin.times)
    cpu.spend()
    life?.ring()
  }
  const timerIfDue = (): boolean => {
    if ((deadline() ?? Number.POSITIVE_INFINITY) > clock.now()) return false
    timer()
    return true
  }

  return {
    name,
    mac,
    world,
    counts,
    start,
    deadline,
    timer,
    tell,
    /** `haup reload` with this plan; an engine that is started later goes by it from the beginning. */
    reload: (next: NodePlan) => {
      plan = next
      deliver(({ engine }) => void engine.follow(next).catch(onBug))
    },
    hear: (from: string, path: string, datagram: Datagram) => {
      const hear = (): void => deliver(({ senses }) => senses.hear(from, path, datagram))
      if (path === 'lan') receive(hear)
      else hear()
    },
    hearPacket: (packet: Uint8Array) => receive(() => deliver(({ senses }) => senses.hearPacket(packet))),
    hearArp: (packets: readonly ArpPacket[]) => receive(() => deliver(({ senses }) => senses.hearArp(packets))),
    /** Somebody on the LAN looks for somebody else there. */
    overhear: () => {
      if (world.powered && world.linked) receive()
    },
    isAlive: () => life?.isAlive() === true,
    isFrozen: cpu.isFrozen,
    isStarved: cpu.isStarved,
    localNow: now,
    state: (): EngineState => life?.engine.state() ?? initialEngine(plan, now()),
    plan: () => plan,
    /** What `haup status` shows; undefined: no engine answers. */
    status: (): Status | undefined => (life?.isAlive() === true ? shownBy(life.engine, now()) : undefined),
    /** The kernel answers for the instance's addresses, whoever runs. */
    accepts: (instance: string): boolean => world.powered && kernel.accepts(instance),
    handingOn: (instance: string): Mac | undefined => (world.powered ? kernel.handingOn(instance) : undefined),
    admits: (instance: string, from: Mac): boolean => world.powered && kernel.admits(instance, from),
    /** When the kernel closes something by time. */
    closesAt: (): Micros | undefined => {
      const at = kernel.closesAt()
      return at === undefined ? undefined : local.when(at)
    },
    /** The engine is no more; with `power` the whole box. */
    die: (power: boolean) => {
      if (life !== undefined) end(life)
      if (power) world.powered = false
    },
    /** `systemctl stop`: it hands over what it can, lets go, and ends. */
    stop: (reason: string) => deliver((stopping) => void stopping.engine.stop(reason).then(() => end(stopping), onBug)),
    freeze: cpu.freeze,
    /** The loop is busy for so long: timers are late, and come before what has arrived. */
    stall: (span: Micros) => {
      if (life?.isAlive() === true) cpu.stall(span, timerIfDue)
    },
    /** So many turns of its loop each second, and no more; undefined: as many as it wants. */
    starve: (turns: number | undefined) => cpu.starve(turns, timerIfDue),
    /** The interface's carrier comes and goes. */
    plug: (linked: boolean) => {
      world.linked = linked
      deliver(({ senses }) => senses.hearLink(link()))
    },
    /** Its own address goes, and comes back. */
    address: (there: boolean) => {
      world.addressed = there
      deliver(({ senses }) => senses.hearAddresses(seen()))
    },
  }
}

export type Box = ReturnType<typeof createBox>
