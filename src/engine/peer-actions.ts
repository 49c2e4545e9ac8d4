import type { Warning } from '../control/messages.ts'
import { assertNever } from '../shared/errors.ts'
import { type Log, printable } from '../shared/log.ts'
import { fromSeconds, type Micros, plus } from '../shared/units.ts'
import { indexOf } from './core/plan-index.ts'
import { andMore, type Said, say } from './core/said.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, NodePlan } from './core/types.ts'
import { createLanAsker } from './lan-asker.ts'
import type { Clock, HandOn, OpenPeerChannel, PeerChannel, PeerTrouble, ReachPort } from './ports.ts'
import type { RouterActuator } from './router-actions.ts'
import { createTroubleList } from './trouble-list.ts'
import type { Mac } from './vrrp/arp.ts'

export type PeerAction = Extract<EngineAction, { kind: 'say' | 'check-reach' | 'admit' | 'hand-on' }>

export type PeerActuator = {
  readonly perform: (action: PeerAction) => void
  /** After the start, and after a change of the plan: opens, changes or closes the channel. */
  readonly follow: () => void
  /** What came lately and was not believed, until its node is heard. */
  readonly warnings: () => readonly Warning[]
  readonly close: () => void
}

export type PeerPorts = {
  readonly openPeerChannel: OpenPeerChannel
  readonly reach: ReachPort
  /** Of haup, told to other nodes. */
  readonly version: string
}

export type PeerActuatorOptions = Partial<PeerPorts> & {
  readonly plan: () => NodePlan
  readonly state: () => EngineState
  readonly clock: Clock
  readonly actuator: (instance: string) => RouterActuator
  readonly dispatch: (event: EngineEvent) => void
  /** How late the loop runs, told to other nodes. */
  readonly lateness: () => Micros
  readonly onBug: (thrown: unknown) => void
  readonly log: Log
}

/** Carries out what the core wants of the channel, and turns what comes by it into events. */
export function createPeerActuator(options: PeerActuatorOptions): PeerActuator {
  const { plan, state, clock, dispatch, log } = options
  const said = new Map<string, Said>()
  const troubles = createTroubleList(clock.now)
  let channel: PeerChannel | undefined

  const complain = (trouble: PeerTrouble): void => {
    const node = nodeAt(plan(), trouble.from)
    const text = describeTrouble(node ?? `somebody at ${trouble.from}`, trouble)
    if (node !== undefined) troubles.add(node, { code: `peer.${trouble.kind}`, message: text })
    const saying = say(said.get(trouble.kind), text, clock.now())
    said.set(trouble.kind, saying.said)
    if (saying.line === undefined) return
    const level = trouble.kind === 'key' ? 'error' : 'warn'
    log({ level, subject: 'peer', code: `peer.${trouble.kind}`, message: `${text}${andMore(saying.line.more)}` })
  }
  const open = (): PeerChannel | undefined => {
    const config = plan().channel?.config
    if (config === undefined) return undefined
    return options.openPeerChannel?.(config, {
      onHeard: (heard) => {
        troubles.forget(heard.node)
        dispatch({ kind: 'peer-heard', now: clock.now(), ...heard })
      },
      onMet: (node) => dispatch({ kind: 'peer-met', now: clock.now(), node }),
      onUnproven: (node) => dispatch({ kind: 'peer-unproven', now: clock.now(), node }),
      onPath: (node, path) => dispatch({ kind: 'peer-path', now: clock.now(), node, path }),
      onBroken: (node) => dispatch({ kind: 'peer-broken', now: clock.now(), node }),
      onTrouble: complain,
    })
  }
  const follow = (): void => {
    const config = plan().channel?.config
    if (config === undefined) {
      channel?.close()
      channel = undefined
    } else if (channel === undefined) channel = open()
    else channel.follow(config)
  }

  const find = (name: string): InstancePlan | undefined => indexOf(plan()).instances.get(name)
  const askLan = options.reach && createLanAsker({ reach: options.reach, instances: () => plan().instances, clock })
  const stationOf = (instance: InstancePlan, node: string): HandOn | undefined => {
    const address = instance.peers.find(({ name }) => name === node)?.address
    const mac: Mac | undefined = address && state().stations.get(address)
    return address === undefined || mac === undefined ? undefined : { to: address, mac, interface: instance.interface }
  }
  const checkReach = async (name: string): Promise<void> => {
    const instance = find(name)
    if (instance === undefined || askLan === undefined) return
    const lan = await askLan(instance)
    dispatch({ kind: 'reach', now: clock.now(), instance: name, lan })
  }

  const perform = (action: PeerAction): void => {
    switch (action.kind) {
      case 'say':
        channel?.say(action.nodes, { ...action.report, haup: options.version ?? '', lateness: options.lateness() })
        return
      case 'check-reach':
        checkReach(action.instance).catch(options.onBug)
        return
      case 'admit':
      case 'hand-on': {
        const { kind, instance: name, id } = action
        const done = (error: string | undefined): void =>
          dispatch({ kind: kind === 'admit' ? 'admitted' : 'handed-on', now: clock.now(), instance: name, id, error })
        const instance = find(name)
        const other = kind === 'admit' ? action.from : action.to
        const station = instance && stationOf(instance, other)
        if (instance === undefined || station === undefined) {
          queueMicrotask(() => done(`the hardware address of ${other} is not known`))
        } else if (kind === 'admit') {
          const admission = { from: station.mac }
          options.actuator(name).admit(admission, plus(clock.now(), ADMITTED_FOR), done)
        } else options.actuator(name).handOn(station, plus(clock.now(), HANDED_ON_FOR), done)
        return
      }
      default:
        assertNever(action)
    }
  }
  return {
    perform,
    follow,
    warnings: troubles.list,
    close: () => channel?.close(),
  }
}

/** Longer than the core waits for the old holder. */
const ADMITTED_FOR = fromSeconds(2)
/** Until clients have heard the announcements of the new holder, the late one for slow switches included. */
const HANDED_ON_FOR = fromSeconds(10)

/** By any of its addresses. */
const nodeAt = ({ channel, nodeNames }: NodePlan, from: string): string | undefined =>
  channel?.config.peers.find(({ paths }) => paths.some(({ remote }) => remote === from))?.node ??
  [...nodeNames].find(([address]) => address === from)?.[1]

function describeTrouble(who: string, trouble: PeerTrouble): string {
  switch (trouble.kind) {
    case 'key':
      return `what ${who} says is sealed with another key: copy the same key file to all nodes, then \`haup reload\``
    case 'version':
    case 'malformed':
    case 'replayed':
    case 'stranger':
      return printable(`a datagram of ${who} was discarded: ${trouble.detail}`)
  }
}
