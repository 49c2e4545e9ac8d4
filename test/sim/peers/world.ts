import type { ClusterConfig, InstanceConfig } from '../../../src/config/types.ts'
import { planNode } from '../../../src/engine/core/plan.ts'
import type { NodePlan } from '../../../src/engine/core/types.ts'
import type { Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { fromMillis, fromSeconds, type Micros, micros, plus } from '../../../src/shared/units.ts'
import { addressOf, configOf } from '../../engine/core/cluster-config.ts'
import { createStore } from './arbiter.ts'
import { type Box, createBox, type Incoming } from './box.ts'
import { createSimClock, localClock } from './clock.ts'
import { createWires, type Link, type WireQuality } from './lan.ts'

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

const STATION = (index: number): Mac => `02:00:00:00:00:${(index + 16).toString(16)}` as Mac
const VIRTUAL = '192.0.2.100' as Ipv4

export type World = ReturnType<typeof createWorld>

export function createWorld(options: WorldOptions = {}) {
  const { paths = 0, hearsArp = false } = options
  const count = options.nodes ?? 2
  const clock = createSimClock(fromSeconds(1_000))
  const names = Array.from({ length: count }, (_, index) => `web${index + 1}`)
  const config = configOf(names, options)
  const lines: string[] = []
  let mended = false
  const wires = createWires(clock, {
    delay: options.wires?.delay ?? (() => fromMillis(1)),
    isLost: (link) => !mended && options.wires?.isLost?.(link) === true,
    mostLost: options.wires?.mostLost ?? 2,
  })
  const store = createStore(clock.now)
  const noStore = new Set<string>()
  const pathNames: Link[] = ['lan', ...Array.from({ length: paths }, (_, index): Link => `path${index + 1}`)]
  const boxes: Box[] = names.map((name, index) => makeBox(name, index))
  const box = (name: string): Box => boxes.find((each) => each.name === name) ?? fail(name)
  const accepted: { at: Micros; who: string }[] = []

  function planOf(name: string, shape: ClusterConfig): NodePlan {
    const plan = planNode(shape, name, 'eth0')
    if (!plan.ok) throw new Error(plan.error)
    return plan.value
  }
  function makeBox(name: string, index: number): Box {
    const plan = planOf(name, config)
    const others = (): Box[] => boxes.filter((each) => each.name !== name)
    const source = plan.instances[0]?.router.source ?? fail(name)
    return createBox({
      name,
      plan,
      clock,
      local: localClock(clock, options.rate?.(index) ?? 1),
      store,
      reachesStore: () => !noStore.has(name),
      hearsArp,
      kernel: options.kernel ?? (() => fromMillis(1)),
      fails: (what) => !mended && options.fails?.(what) === true,
      log: (line) => lines.push(`${(clock.now() / 1e6).toFixed(4)} ${line}`),
      transmit: (to, datagram) => wires.sendByAny(name, to, pathNames, (path) => box(to).hear(name, path, datagram)),
      advertise: (instanceName, advert) => {
        for (const to of others()) {
          const event = { kind: 'advert', instance: instanceName, from: source, advert }
          wires.send(name, to.name, 'advert', () => to.tell(event))
        }
      },
      announce: (instanceName) => {
        for (const to of others()) wires.send(name, to.name, 'arp', () => claimTo(to, index, instanceName, true))
      },
      probe: (instanceName) => {
        if (!hearsArp) return
        for (const to of others()) {
          wires.send(name, to.name, 'arp', () => {
            if (!to.world.powered) return
            to.tell({ kind: 'lan-probe', instance: instanceName })
            const there = names.indexOf(to.name)
            const neighbour = { kind: 'neighbour', address: addressOf(there), mac: STATION(there) }
            wires.send(to.name, name, 'arp', () => box(name).tell(neighbour))
            const answers = to.accepts(instanceName)
            if (answers) wires.send(to.name, name, 'arp', () => claimTo(box(name), there, instanceName, false))
          })
        }
      },
      fence: (node, done) =>
        clock.after(fromMillis(500), () => {
          const works = !mended && options.fences?.(node) === true
          if (works) box(node).die(true)
          done(works)
        }),
    })
  }
  const claimTo = (to: Box, from: number, instanceName: string, announced: boolean): void => {
    if (!hearsArp) return
    const own = STATION(names.indexOf(to.name))
    to.tell({ kind: 'foreign-claim', instance: instanceName, address: VIRTUAL, mac: STATION(from), own, announced })
  }

  const acceptingOf = (instanceName: string): string[] =>
    boxes.filter((each) => each.accepts(instanceName)).map(({ name }) => name)
  const instanceNames = config.instances.map(({ name }) => name)

  const watch = (): void => {
    const who = instanceNames.map((each) => acceptingOf(each).join('+')).join(' ')
    if (accepted.at(-1)?.who !== who) accepted.push({ at: clock.now(), who })
  }
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
  const run = (seconds: number): void => {
    const end = plus(clock.now(), micros(seconds * 1e6))
    while (clock.step(end, nearest())) watch()
    clock.finish(end)
    watch()
  }
  const kill = (name: string, power = false): void => {
    box(name).die(power)
    for (const other of boxes) {
      if (power || other.name === name) continue
      wires.send(name, other.name, 'lan', () => other.tell({ kind: 'peer-broken', node: name }))
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
    startAll: () => {
      for (const each of boxes) each.start()
    },
    send: (name: string, event: Incoming) => box(name).tell(event),
    /** `haup reload` on one node alone, after a change of its file. */
    reload: (name: string, changes: Partial<InstanceConfig>) => {
      const instances = config.instances.map((each) => ({ ...each, ...changes }))
      box(name).reload(planOf(name, { ...config, instances }))
    },
    accepting: (instanceName = 'www') => acceptingOf(instanceName),
    accepted,
    since: (from: Micros) => spansOf(accepted, from, clock.now()),
    /** Nothing fails in any kernel, and nothing is lost, from now on. */
    mend: () => {
      mended = true
    },
    isCovered: (instanceName = 'www') => isCovered(boxes, box, instanceName),
  }
}

/** A client is served: by whoever is open, or by the one that is handed what comes to the old one. */
function isCovered(boxes: readonly Box[], box: (name: string) => Box, instanceName: string): boolean {
  return boxes.some((each) => {
    if (each.accepts(instanceName)) return true
    const to = each.part(instanceName)?.handingOn()?.to
    return to !== undefined && box(to).part(instanceName)?.admitting() === true
  })
}

function spansOf(accepted: readonly { at: Micros; who: string }[], from: Micros, now: Micros) {
  const spans = accepted.map((each, index) => ({ ...each, until: accepted[index + 1]?.at ?? now }))
  const seen = spans.filter(({ until }) => until > from)
  const gaps = seen.filter(({ who }) => who.trim() === '').map(({ at, until }) => until - Math.max(at, from))
  return { gap: Math.max(0, ...gaps) / 1_000, doubles: seen.filter(({ who }) => who.includes('+')) }
}

const fail = (name: string): never => {
  throw new Error(`nothing of the name ${name}`)
}
