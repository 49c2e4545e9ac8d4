import { engineDeadline, engineTransition, initialEngine } from '../../src/engine/core/core.ts'
import type { EngineAction, EngineEvent, EngineState, NodePlan } from '../../src/engine/core/types.ts'
import { formatMac, type Mac } from '../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../src/shared/ip.ts'
import { fromMillis, type Micros, micros, plus } from '../../src/shared/units.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

/**
 * A LAN with two kinds of traffic, adverts and ARP, of which a firewall may eat the one and a split both. Whole engines
 * stand on it; their kernels answer ARP for what is bound. A crash closes the gate, as the kernel does.
 */
export type ArpNode = {
  readonly name: string
  readonly running: () => boolean
  readonly holds: () => boolean
  readonly start: () => void
  readonly crash: () => void
}

export type ArpLan = {
  readonly nodes: readonly ArpNode[]
  /** Adverts from the one do not reach the other; reset by `passAll`. */
  readonly eatAdverts: (from: string, to: string) => void
  readonly passAll: () => void
  /** These nodes hear nothing of the others, nor they of them. */
  readonly split: (names: readonly string[]) => void
  readonly holders: () => readonly string[]
}

type EventBody = EngineEvent extends infer E ? (E extends EngineEvent ? Omit<E, 'now'> : never) : never
type Member = ArpNode & {
  readonly address: Ipv4
  readonly mac: Mac
  readonly send: (event: EventBody) => void
}

export function createArpLan(
  plans: readonly NodePlan[],
  timeline: Timeline,
  random: Random,
  onChange: () => void,
): ArpLan {
  const eaten = new Set<string>()
  let apart: readonly string[] = []
  const members: Member[] = plans.map((plan, index) => createMember(plan, index))
  const reach = (from: Member, to: Member): boolean =>
    from !== to && to.running() && apart.includes(from.name) === apart.includes(to.name)
  const later = (run: () => void): void => timeline.at(plus(timeline.now(), micros(random.between(50, 1_500))), run)
  const others = (from: Member): Member[] => members.filter((to) => reach(from, to))

  function createMember(plan: NodePlan, index: number): Member {
    const [instance] = plan.instances
    if (instance === undefined) throw new Error('a plan without an instance')
    const vip = instance.router.addresses[0] ?? instance.router.source
    let state: EngineState | undefined
    let bound = false
    const bind = (next: boolean): void => {
      bound = next
      onChange()
    }
    const send = (event: EventBody): void => {
      if (state === undefined) return
      const step = engineTransition(plan, state, { ...event, now: timeline.now() } as EngineEvent)
      state = step.state
      for (const action of step.actions) perform(action)
      arm(engineDeadline(state))
    }
    const arm = (at: Micros | undefined): void => {
      const armed = state
      if (at !== undefined) timeline.at(at, () => (state === armed ? send({ kind: 'timer' }) : undefined))
    }
    const claim = (to: Member, announced: boolean): void =>
      later(() =>
        to.send({ kind: 'foreign-claim', instance: 'www', address: vip, mac: self.mac, own: to.mac, announced }),
      )
    const perform = (action: EngineAction): void => {
      if (action.kind === 'probe-lan') probe()
      if (action.kind !== 'router') return
      if (action.action.kind === 'bind') bind(true)
      if (action.action.kind === 'unbind') bind(false)
      if (action.action.kind === 'announce' && bound) for (const to of others(self)) claim(to, true)
      if (action.action.kind !== 'send-advert') return
      const { version, vrid, addresses, advertInterval: interval, source: from } = instance.router
      const advert = { version, vrid, priority: action.action.priority, interval, addresses }
      for (const to of others(self)) {
        if (!eaten.has(`${self.name}>${to.name}`))
          later(() => to.send({ kind: 'advert', id: 0, instance: 'www', from, advert }))
      }
    }
    const probe = (): void => {
      for (const to of others(self)) {
        later(
          () =>
            to.holds() &&
            reach(to, self) &&
            send({
              kind: 'foreign-claim',
              instance: 'www',
              address: vip,
              mac: to.mac,
              own: self.mac,
              announced: false,
            }),
        )
        later(() => to.send({ kind: 'lan-probe', instance: 'www' }))
        later(() => send({ kind: 'neighbour', address: to.address, mac: to.mac }))
      }
    }
    const self: Member = {
      name: plan.node,
      address: instance.router.source,
      mac: formatMac(Uint8Array.of(2, 0, 0, 0, 0, index)),
      send,
      running: () => state !== undefined,
      holds: () => bound,
      start: () => {
        state = initialEngine(plan, timeline.now())
        send({ kind: 'start' })
        send({ kind: 'arp-ready', ready: true })
        send({ kind: 'socket', interface: instance.interface, error: undefined })
        send({ kind: 'link', link: { interface: instance.interface, up: true, detail: 'up' } })
      },
      crash: () => {
        state = undefined
        bind(false)
      },
    }
    return self
  }

  return {
    nodes: members,
    eatAdverts: (from, to) => void eaten.add(`${from}>${to}`),
    passAll: () => eaten.clear(),
    split: (names) => {
      apart = names
    },
    holders: () => members.filter((each) => each.holds()).map(({ name }) => name),
  }
}

/** Long enough for a delivery there and back. */
export const ROUND_TRIP = fromMillis(4)
