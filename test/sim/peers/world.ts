import type { ClusterConfig, InstanceConfig } from '../../../src/config/types.ts'
import { planNode } from '../../../src/engine/core/plan.ts'
import type { NodePlan } from '../../../src/engine/core/types.ts'
import { HELLO_BYTES } from '../../../src/engine/peer/frame.ts'
import { encodeReport } from '../../../src/engine/peer/message.ts'
import type { ArpPacket, Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { fromMillis, fromSeconds, type Micros, micros, plus } from '../../../src/shared/units.ts'
import { addressOf, configOf } from '../../engine/core/cluster-config.ts'
import { createStore } from './arbiter.ts'
import { type Box, createBox, type Incoming } from './box.ts'
import { createSimClock, localClock } from './clock.ts'
import { createWires, type Link, type WireQuality } from './lan.ts'
import type { Datagram } from './talk.ts'

/** Several boxes, what is between them, and what a client would find: whose gate is open. */
export type WorldOptions = {
  readonly nodes?: number
  readonly instances?: readonly Partial<InstanceConfig>[]
  readonly config?: Partial<ClusterConfig>
  readonly paths?: number
  /** How long the kernel takes to bind. */
  readonly kernel?: () => Micros
  readonly fails?: (what: 'bind' | 'admit' | 'hand-on') => boolean
  readonly wires?: Partial<WireQuality>
  /** How fast a box's clock goes. */
  readonly rate?: (index: number) => number
  readonly hearsArp?: boolean
  readonly fences?: (node: string) => boolean
  /** Whether somebody in the LAN forges adverts. */
  readonly forges?: boolean
}

export const stationOf = (index: number): Mac => `02:00:00:00:00:${(index + 16).toString(16)}` as Mac
/** Index of a station that is no node's. */
const FORGER = 99
const MOST_RECORDED = 50

export type World = ReturnType<typeof createWorld>

export function createWorld(options: WorldOptions = {}) {
  const { paths = 0, hearsArp = true } = options
  const count = options.nodes ?? 2
  const clock = createSimClock(fromSeconds(1_000))
  const names = Array.from({ length: count }, (_, index) => `web${index + 1}`)
  const config = configOf(names, options)
  const lines: string[] = []
  const bugs: unknown[] = []
  let mended = false
  const wires = createWires(clock, {
    delay: options.wires?.delay ?? (() => fromMillis(1)),
    isLost: (link) => !mended && options.wires?.isLost?.(link) === true,
    mostLost: options.wires?.mostLost ?? 2,
  })
  const store = createStore(clock.now)
  const noStore = new Set<string>()
  const pathNames: Link[] = ['lan', ...Array.from({ length: paths }, (_, index): Link => `path${index + 1}`)]
  /** What somebody in the LAN has recorded of the channel since the start. */
  const recorded = new Map<string, readonly (() => void)[]>()
  const boxes: Box[] = names.map((name, index) => makeBox(name, index))
  const box = (name: string): Box => boxes.find((each) => each.name === name) ?? fail(name)
  const accepted: { at: Micros; who: string }[] = []

  function planOf(name: string, shape: ClusterConfig): NodePlan {
    const plan = planNode(shape, name, 'eth0')
    if (!plan.ok) throw new Error(plan.error)
    return plan.value
  }
  function makeBox(name: string, index: number): Box {
    const others = (): Box[] => boxes.filter((each) => each.name !== name)
    return createBox({
      name,
      mac: stationOf(index),
      plan: planOf(name, config),
      clock,
      local: localClock(clock, options.rate?.(index) ?? 1),
      store,
      reachesStore: () => !noStore.has(name),
      hearsArp,
      takes: options.kernel ?? (() => fromMillis(1)),
      fails: (what) => !mended && options.fails?.(what) === true,
      log: (line) => lines.push(`${(clock.now() / 1e6).toFixed(4)} ${line}`),
      onBug: (thrown) => bugs.push(thrown),
      transmit: (to, datagram) => {
        record(`${name}>${to}`, () => box(to).hear(name, 'lan', datagram))
        const size = (): number => bytesOf(datagram)
        wires.sendByAny(name, to, pathNames, size, (path) => box(to).hear(name, path, datagram))
      },
      sendAdvert: (packet) => {
        for (const to of others()) wires.send(name, to.name, 'advert', () => to.hearPacket(packet))
      },
      sendArp: (packets) => {
        for (const to of others()) wires.send(name, to.name, 'arp', () => arrive(packets, box(name), to))
      },
      fence: (node, done) =>
        clock.after(fromMillis(500), () => {
          const works = !mended && options.fences?.(node) === true
          if (works) box(node).die(true)
          done(works)
        }),
    })
  }
  /** Its engine hears it, and its kernel answers for what is here, whether an engine runs or not. */
  function arrive(packets: readonly ArpPacket[], from: Box, to: Box): void {
    if (!to.world.powered) return
    to.hearArp(packets)
    const asked = packets.flatMap(({ kind, address }) => (kind === 'probe' ? [address] : []))
    const answers = asked.filter((address) => answersFor(to, address))
    if (answers.length === 0) return
    const claims = answers.map((address): ArpPacket => ({ kind: 'claim', mac: to.mac, address }))
    wires.send(to.name, from.name, 'arp', () => from.hearArp(claims))
  }
  const answersFor = (to: Box, address: Ipv4): boolean =>
    (to.world.addressed && to.plan().instances[0]?.router.source === address) ||
    to.plan().instances.some((each) => each.router.addresses.includes(address) && to.accepts(each.name))
  const record = (pair: string, again: () => void): void => {
    const before = recorded.get(pair) ?? []
    if (before.length < MOST_RECORDED) recorded.set(pair, [...before, again])
  }

  const acceptingOf = (instanceName: string): string[] =>
    boxes.filter((each) => each.accepts(instanceName)).map(({ name }) => name)
  const instanceNames = config.instances.map(({ name }) => name)

  const watch = (): void => {
    const who = instanceNames.map((each) => acceptingOf(each).join('+')).join(' ')
    if (accepted.at(-1)?.who !== who) accepted.push({ at: clock.now(), who })
  }
  let onStep: (() => void) | undefined
  const nearest = () => {
    let next: { at: Micros; run: () => void } | undefined
    for (const each of boxes) {
      const at = each.deadline()
      if (at !== undefined && (next === undefined || at < next.at)) next = { at, run: each.timer }
      const closes = each.closesAt()
      if (closes !== undefined && closes > clock.now() && (next === undefined || closes < next.at)) {
        next = { at: closes, run: () => undefined }
      }
    }
    return next
  }
  let steps = 0
  const run = async (seconds: number): Promise<void> => {
    const end = plus(clock.now(), micros(seconds * 1e6))
    await settle()
    while (clock.step(end, nearest())) {
      steps += 1
      await settle()
      watch()
      onStep?.()
    }
    clock.finish(end)
    watch()
    if (bugs.length > 0) throw bugs[0]
  }
  const kill = (name: string, power = false): void => {
    box(name).die(power)
    for (const other of boxes) {
      const isHeard = pathNames.some((path) => !wires.isCut(name, other.name, path))
      if (power || other.name === name || !isHeard) continue
      wires.send(name, other.name, 'stream', () => other.tell({ kind: 'peer-broken', node: name }))
    }
  }
  return {
    names,
    config,
    box,
    boxes,
    forges: options.forges === true,
    wires,
    lines,
    noStore,
    run,
    kill,
    clock,
    now: clock.now,
    /** Deliveries, timers and answers of kernels so far. */
    steps: () => steps,
    startAll: () => {
      for (const each of boxes) each.start()
    },
    send: (name: string, event: Incoming) => box(name).tell(event),
    /** `haup reload` on one node alone, after a change of its file. */
    reload: (name: string, changes: Partial<InstanceConfig>) => {
      const instances = config.instances.map((each) => ({ ...each, ...changes }))
      box(name).reload(planOf(name, { ...config, instances }))
    },
    /** An advert as this node would send it, for somebody who forges it. */
    advertOf: (name: string, priority: number, instanceName = 'www'): Incoming & { readonly kind: 'advert' } => {
      const { router } =
        box(name)
          .plan()
          .instances.find((each) => each.name === instanceName) ?? fail(instanceName)
      const { version, vrid, addresses, advertInterval: interval, source: from } = router
      return {
        kind: 'advert',
        instance: instanceName,
        from,
        id: 0,
        advert: { version, vrid, priority, interval, addresses },
      }
    },
    /** Says again to this node what was said to it once; `which`: 0 <= x < 1. */
    replay: (to: string, which: number) => {
      const all = [...recorded].flatMap(([pair, each]) => (pair.endsWith(`>${to}`) ? each : []))
      all[Math.floor(which * all.length)]?.()
    },
    /** Somebody unknown says to this node that the virtual addresses are its own. */
    forgeClaim: (to: string) => {
      const addresses = box(to)
        .plan()
        .instances.flatMap(({ router }) => router.addresses)
      box(to).hearArp(addresses.map((address) => ({ kind: 'announcement', mac: stationOf(FORGER), address })))
    },
    /** Somebody says to this node that the other one's own address is at his station. */
    forgeStation: (to: string, node: string) =>
      box(to).hearArp([{ kind: 'claim', mac: stationOf(FORGER), address: addressOf(names.indexOf(node)) }]),
    /** Looks at everything whenever something has happened. */
    follow: (look: () => void) => {
      onStep = look
    },
    accepting: (instanceName = 'www') => acceptingOf(instanceName),
    accepted,
    since: (from: Micros) => spansOf(accepted, from, clock.now()),
    /** Nothing fails in any kernel, and nothing is lost, from now on. */
    mend: () => {
      mended = true
    },
    isCovered: (instanceName = 'www', isReached: (box: Box) => boolean = () => true): boolean =>
      isCovered({ boxes }, instanceName, isReached),
  }
}

/** A client that reaches these boxes is served: by whoever is open, or by the one that is handed what comes to the old one. */
function isCovered(world: Pick<World, 'boxes'>, instanceName: string, isReached: (box: Box) => boolean): boolean {
  return world.boxes.filter(isReached).some((each) => {
    if (each.accepts(instanceName)) return true
    const to = world.boxes.find(({ mac }) => mac === each.handingOn(instanceName))
    return to?.admits(instanceName, each.mac) === true
  })
}

/** Promises that were kept are followed up before time goes on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await undefined
}
const TURNS = 16

function spansOf(accepted: readonly { at: Micros; who: string }[], from: Micros, now: Micros) {
  const spans = accepted.map((each, index) => ({ ...each, until: accepted[index + 1]?.at ?? now }))
  const seen = spans.filter(({ until }) => until > from)
  const gaps = seen.filter(({ who }) => who.trim() === '').map(({ at, until }) => until - Math.max(at, from))
  return { gap: Math.max(0, ...gaps) / 1_000, doubles: seen.filter(({ who }) => who.includes('+')) }
}

/** As large as it is with its seal. */
function bytesOf({ report }: Datagram): number {
  const [encoded] = report === undefined ? [] : encodeReport(report)
  return HELLO_BYTES + (encoded?.length ?? 0)
}

const fail = (name: string): never => {
  throw new Error(`nothing of the name ${name}`)
}
