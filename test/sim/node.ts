import { decodeAdvertPacket, encodeAdvertPacket } from '../../src/engine/vrrp/packet.ts'
import { nextDeadline } from '../../src/engine/vrrp/timing.ts'
import { initialState, transition } from '../../src/engine/vrrp/transition.ts'
import type { RouterAction, RouterConfig, RouterEvent, RouterState } from '../../src/engine/vrrp/types.ts'
import { type Micros, micros, plus } from '../../src/shared/units.ts'
import type { Lan } from './lan.ts'
import { createLane } from './lane.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'
import type { TraceEntry } from './trace.ts'

export type NodeOptions = {
  readonly name: string
  readonly config: RouterConfig
  readonly priority: number
  /** Longest time from a packet's arrival or a deadline until the loop looks. */
  readonly pickup: Micros
  /** Longest time of one bind or unbind. */
  readonly binding: Micros
  /** The node's own clock: where it stands at time 0, and how fast it runs. */
  readonly clock: { readonly offset: Micros; readonly rate: number }
}

export type SimNode = {
  readonly name: string
  readonly options: NodeOptions
  readonly start: () => void
  readonly stop: () => void
  /** The box loses power: nothing of it acts or answers any more. */
  readonly crash: () => void
  readonly resign: (priority: number) => void
  readonly reprioritize: (priority: number) => void
  readonly running: () => boolean
  readonly bound: () => boolean
  readonly state: () => RouterState
}

export type World = {
  readonly timeline: Timeline
  readonly lan: Lan
  readonly random: Random
  readonly record: (entry: TraceEntry) => void
}

type Arrival = { readonly packet: Uint8Array; readonly at: Micros }

/** One box: the real state machine and codec, in a loop that is as late and as slow as real ones are. */
export function createNode(world: World, options: NodeOptions): SimNode {
  const { timeline, lan, random, record } = world
  const { name, config } = options
  const lane = createLane(timeline)
  let state = initialState(config, options.priority)
  let inbox: Arrival[] = []
  let running = false
  let bound = false
  let identification = 0
  /** Wake-ups of an earlier plan find another number here and do nothing. */
  let plan = 0
  let looking = false

  const local = (at: Micros): Micros => micros(options.clock.offset + at * options.clock.rate)
  const global = (at: Micros): Micros => micros((at - options.clock.offset) / options.clock.rate)
  const soon = (): Micros => plus(timeline.now(), micros(random.between(0, options.pickup)))

  const feed = (event: RouterEvent): void => {
    const step = transition(config, state, event)
    state = step.state
    for (const action of step.actions) perform(action)
  }

  const perform = (action: RouterAction): void => {
    switch (action.kind) {
      case 'state-change':
        record({ at: timeline.now(), node: name, kind: 'state', to: action.to, cause: action.cause })
        break
      case 'send-advert':
        lane.push(0, () => send(action.priority))
        break
      case 'bind':
      case 'unbind':
        lane.push(random.between(0, options.binding), () => setBound(action.kind === 'bind'))
        break
      case 'announce':
      case 'notice':
        break
    }
  }

  const send = (priority: number): void => {
    identification = (identification % 0xffff) + 1
    record({ at: timeline.now(), node: name, kind: 'sent', priority })
    lan.send(name, encodeAdvertPacket(config, priority, identification))
  }

  const setBound = (value: boolean): void => {
    if (bound === value) return
    bound = value
    record({ at: timeline.now(), node: name, kind: value ? 'bound' : 'unbound' })
  }

  const hear = ({ packet, at }: Arrival): void => {
    const decoded = decodeAdvertPacket(packet, () => config)
    if (!decoded.ok) throw new Error(`${name} refuses a packet: ${decoded.error.detail}`)
    const { from, advert } = decoded.value
    const ours = { priority: state.priority, address: config.source }
    const role = state.phase.kind
    const now = timeline.now()
    record({ at: now, node: name, kind: 'heard', from, priority: advert.priority, arrivedAt: at, role, ours })
    feed({ kind: 'advert', now: local(now), from, advert })
  }

  /** One turn of the loop: all that has arrived, then the timer, as the engine does it. */
  const look = (): void => {
    looking = false
    const arrived = inbox
    inbox = []
    for (const arrival of arrived) hear(arrival)
    feed({ kind: 'timer', now: local(timeline.now()) })
    plan++
    const deadline = nextDeadline(state)
    if (deadline !== undefined) lookAt(global(deadline), plan)
  }

  const lookAt = (when: Micros, planned: number): void =>
    timeline.at(when, () => {
      if (running && planned === plan && !looking) lookSoon()
    })

  const lookSoon = (): void => {
    if (looking) return
    looking = true
    plan++
    const planned = plan
    timeline.at(soon(), () => {
      if (running && planned === plan) look()
    })
  }

  const command = (make: (now: Micros) => RouterEvent): void => {
    if (!running) return
    feed(make(local(timeline.now())))
    lookSoon()
  }

  const reset = (): void => {
    running = false
    looking = false
    inbox = []
    plan++
  }

  lan.attach(name, (packet) => {
    if (!running) return
    inbox.push({ packet, at: timeline.now() })
    lookSoon()
  })

  return {
    name,
    options,
    start: () => {
      if (running) return
      running = true
      command((now) => ({ kind: 'startup', now, priority: options.priority, reason: 'started' }))
    },
    stop: () => {
      command((now) => ({ kind: 'shutdown', now, reason: 'stopped' }))
      reset()
    },
    crash: () => {
      reset()
      lane.clear()
      setBound(false)
      state = initialState(config, options.priority)
    },
    resign: (priority) => command((now) => ({ kind: 'resign', now, priority, reason: 'asked to' })),
    reprioritize: (priority) => command((now) => ({ kind: 'priority', now, priority, reason: 'tracking' })),
    running: () => running,
    bound: () => bound,
    state: () => state,
  }
}
