import assert from 'node:assert/strict'
import { planNode } from '../../../src/engine/core/plan.ts'
import type { NodePlan } from '../../../src/engine/core/types.ts'
import { createEngine, type Engine, type EnginePorts } from '../../../src/engine/engine.ts'
import type { ArpHeard, OpenPeerChannel, OpenVrrpLink } from '../../../src/engine/ports.ts'
import type { Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { ok } from '../../../src/shared/result.ts'
import { fromMillis, type Micros, minus, plus, toSeconds, ZERO } from '../../../src/shared/units.ts'
import { type ClusterShape, configOf } from '../core/cluster-config.ts'
import { createFakeKernel } from './fake-kernel.ts'
import { createVirtualTime, type VirtualTime } from './virtual-time.ts'

type ChannelHandlers = Parameters<OpenPeerChannel>[1]

/** Everything between two boxes: each kind of wire can be cut in one direction. */
export type Wire = 'advert' | 'channel' | 'arp'

const LATENCY = fromMillis(1)
export const VIP = '192.0.2.100' as Ipv4

/** Whole engines, all of src/engine, on kernels and wires that behave, one clock, and a note of all that is done. */
export function createEngines(names: readonly string[], shape: ClusterShape = {}) {
  const time = createVirtualTime()
  const deeds: string[] = []
  const lines: string[] = []
  const dead = new Set<string>()
  const boxes = new Map<string, Box>()
  const config = configOf(names, shape)
  const serving = (): readonly string[] => names.filter((name) => box(name).kernel.serves())
  /** How long nobody, or more than one, has served since `watch`. */
  let watched = { nobody: ZERO, several: ZERO, at: time.now(), serving: [] as readonly string[] }
  const look = (): void => {
    const span = minus(time.now(), watched.at)
    const { length } = watched.serving
    if (length === 0) watched.nobody = plus(watched.nobody, span)
    if (length > 1) watched.several = plus(watched.several, span)
    watched = { ...watched, at: time.now(), serving: serving() }
  }

  const carry = (from: string, wire: Wire, deliver: (to: Box) => void): void => {
    for (const [name, box] of boxes) {
      if (name === from || dead.has(`${from}>${name}:${wire}`)) continue
      time.later(LATENCY, () => (box.engine === undefined ? undefined : deliver(box)))
    }
  }
  for (const [index, name] of names.entries()) {
    const plan = planNode(config, name, 'eth0')
    assert.ok(plan.ok)
    const note = (deed: string): void => void deeds.push(names.length === 1 ? deed : `${name} ${deed}`)
    const log = ({ code, message }: { code: string; message: string }): void => {
      lines.push(`${name} ${code}: ${message}`)
    }
    boxes.set(name, createBox({ plan: plan.value, index, time, note, carry, log }))
  }
  const box = (name: string): Box => boxes.get(name) ?? assert.fail(name)
  return {
    time,
    deeds,
    lines,
    box,
    start: async (...which: readonly string[]): Promise<void> => {
      for (const name of which.length > 0 ? which : names) await box(name).start()
    },
    run: (seconds: number) => time.run(seconds, look),
    /** All that has been done since it was asked last. */
    done: (): readonly string[] => deeds.splice(0),
    cut: (from: string, to: string, ...wires: readonly Wire[]): void => {
      for (const wire of wires) dead.add(`${from}>${to}:${wire}`)
    },
    heal: (...wires: readonly Wire[]): void => {
      const isHealed = (each: string): boolean => wires.length === 0 || wires.some((wire) => each.endsWith(`:${wire}`))
      for (const each of [...dead]) if (isHealed(each)) dead.delete(each)
    },
    serving,
    /** Seconds in which nobody, or more than one, has served since the last call. */
    gaps: (): { readonly nobody: number; readonly several: number } => {
      look()
      const { nobody, several } = watched
      watched = { ...watched, nobody: ZERO, several: ZERO }
      return { nobody: toSeconds(nobody), several: toSeconds(several) }
    },
    /** What no kernel may be asked to do. */
    wrong: (): readonly string[] => names.flatMap((name) => box(name).kernel.wrong.map((what) => `${name}: ${what}`)),
  }
}

type BoxOptions = {
  readonly plan: NodePlan
  readonly index: number
  readonly time: VirtualTime
  readonly note: (deed: string) => void
  readonly carry: (from: string, wire: Wire, deliver: (to: Box) => void) => void
  readonly log: EnginePorts['log']
}

export type Box = ReturnType<typeof createBox>

function createBox({ plan, index, time, note, carry, log }: BoxOptions) {
  const kernel = createFakeKernel(time, note)
  const mac = `52:54:00:00:00:0${index + 1}` as Mac
  const { node: name } = plan
  const inbox: ((packet: Uint8Array) => void)[] = []
  const ears: ((heard: ArpHeard) => void)[] = []
  /** By node: when it sent what we heard last; told with what is said, as the channel does. */
  const heardOf = new Map<string, Micros>()
  let handlers: ChannelHandlers | undefined
  let engine: Engine | undefined
  let advertAt = ZERO
  const own = plan.instances[0]?.router.source ?? assert.fail()
  const world = { healthy: true, sendTakes: 0, refusesAdverts: false }

  const openVrrpLink: OpenVrrpLink = (_, onPacket) => {
    inbox.push(onPacket)
    const send = (packet: Uint8Array) => {
      advertAt = time.now()
      time.pass(world.sendTakes)
      if (world.refusesAdverts) return { ok: false, error: 'EPERM' } as const
      note(`advert ${packet[22]}`)
      carry(name, 'advert', (to) => to.receive(packet))
      return ok(undefined)
    }
    return ok({ send, close: () => note('close socket') })
  }
  let counter = 0
  const hear = (from: string, sentAt: Micros, acks: ReadonlyMap<string, Micros>, report: Report): void => {
    counter += 1
    if (sentAt < (heardOf.get(from) ?? ZERO)) return
    heardOf.set(from, sentAt)
    const provenAt = acks.get(name)
    if (provenAt !== undefined)
      handlers?.onHeard({ node: from, path: 'lan', report, provenAt, order: { life: from, counter } })
    else handlers?.onMet?.(from)
  }
  const openPeerChannel: OpenPeerChannel = (_, given) => {
    handlers = given
    return {
      say: (nodes, report) => {
        const [sentAt, acks] = [time.now(), new Map(heardOf)]
        carry(name, 'channel', (to) => (nodes.includes(to.name) ? to.hear(name, sentAt, acks, report) : undefined))
      },
      follow: () => undefined,
      paths: () => [],
      counters: () => ({ sent: 0, received: 0, send_errors: 0, rejected: {} }),
      close: () => undefined,
    }
  }
  const say = (address: Ipv4): void => carry(name, 'arp', (to) => to.hearArp({ kind: 'announcement', mac, address }))
  const ports: EnginePorts = {
    ...kernel,
    clock: time.clock(),
    openVrrpLink,
    announce: (_, addresses) => {
      note('announce')
      for (const address of addresses) say(address)
      return ok(undefined)
    },
    openArp: (onHeard) => {
      ears.push(onHeard)
      return { listen: () => ok(undefined), probe: () => ok(undefined), close: () => undefined }
    },
    watchLinks: async (interfaces, onChange) => {
      for (const each of interfaces) onChange({ interface: each, up: true, detail: `${each} is up` })
      return { close: () => undefined }
    },
    watchAddresses: async () => ({
      whoRemoved: async () => undefined,
      originOf: async () => null,
      close: () => undefined,
    }),
    services: {
      probe: async () => [{ probe: 'tcp', ok: world.healthy, detail: 'test', took: ZERO }],
      testConfig: () => assert.fail('no configuration to test'),
      restart: () => assert.fail('nothing to restart'),
      watch: () => undefined,
    },
    peer: {
      openPeerChannel,
      reach: {
        check: () => assert.fail('no witness'),
        lanReach: async () => 'unknown',
        close: () => undefined,
      },
      version: '0',
      openArbiter: () => assert.fail('no arbiter'),
      createFence: () => assert.fail('no fencing'),
    },
    drained: async () => undefined,
    log,
    onBug: (thrown) => assert.fail(String(thrown)),
  }
  return {
    name,
    kernel,
    world,
    get engine() {
      return engine
    },
    start: async (): Promise<void> => {
      engine = createEngine(plan, ports)
      await engine.start()
      say(own)
    },
    stop: (): Promise<void> => engine?.stop('test') ?? assert.fail('not started'),
    receive: (packet: Uint8Array): void => {
      for (const onPacket of inbox) onPacket(packet)
    },
    hearArp: (packet: ArpHeard['packet']): void => {
      for (const onHeard of ears) onHeard({ interface: 'eth0', own: mac, packet })
    },
    hear,
    phase: () => engine?.state().instances.get('www')?.router.phase.kind,
    /** When it sent its last advert, by the clock before it was given to the kernel. */
    advertAt: () => advertAt,
    beHeard: () => say(own),
  }
}

type Report = Parameters<ChannelHandlers['onHeard']>[0]['report']
