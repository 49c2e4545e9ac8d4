import assert from 'node:assert/strict'
import type { ReceivedAdvert } from '../../../src/engine/vrrp/packet.ts'
import { initialState, transition } from '../../../src/engine/vrrp/transition.ts'
import type {
  Advert,
  Notice,
  RouterAction,
  RouterConfig,
  RouterEvent,
  RouterState,
  Step,
} from '../../../src/engine/vrrp/types.ts'
import { type Ipv4, parseIpv4 } from '../../../src/shared/ip.ts'
import type { Result } from '../../../src/shared/result.ts'
import { fromMillis, fromSeconds, type Micros, micros, ZERO } from '../../../src/shared/units.ts'

export const ip = (text: string): Ipv4 => {
  const parsed = parseIpv4(text)
  assert.ok(parsed.ok)
  return parsed.value
}

export const OURS = ip('192.0.2.10')
export const LOWER_ADDRESS = ip('192.0.2.9')
export const HIGHER_ADDRESS = ip('192.0.2.100')
export const VIP = ip('192.0.2.200')

export const seconds = (value: number): Micros => fromSeconds(value)
export const millis = (value: number): Micros => fromMillis(value)
export const micro = (value: number): Micros => micros(value)

/** A preempting VRRPv3 router with one address and an interval of one second that learns what the RFC allows, but for what is given. */
export const configWith = (changes: Partial<RouterConfig> = {}): RouterConfig => ({
  version: 3,
  vrid: 51,
  source: OURS,
  advertInterval: seconds(1),
  learns: { shortest: millis(10), longest: millis(40_950) },
  preempt: true,
  preemptDelay: ZERO,
  addresses: [VIP],
  authentication: { kind: 'none' },
  checksum: { send: 'pseudo', accept: 'pseudo' },
  announceAt: [ZERO, seconds(5)],
  announceRefresh: ZERO,
  ...changes,
})

export const advertOf = (config: RouterConfig, changes: Partial<Advert> = {}): Advert => ({
  version: config.version,
  vrid: config.vrid,
  priority: 100,
  interval: config.advertInterval,
  addresses: config.addresses,
  ...changes,
})

/** A router that one test drives; time is in seconds. */
export function drive(config: RouterConfig, priority = 100) {
  let state = initialState(config, priority)
  const feed = (event: RouterEvent): readonly RouterAction[] => {
    const step: Step = transition(config, state, event)
    state = step.state
    return step.actions
  }
  return {
    state: (): RouterState => state,
    feed,
    startup: (at: number, as = priority) => feed({ kind: 'startup', now: seconds(at), priority: as, reason: 'test' }),
    shutdown: (at: number) => feed({ kind: 'shutdown', now: seconds(at), reason: 'test' }),
    lapse: (at: number) => feed({ kind: 'lapse', now: seconds(at), reason: 'test' }),
    resign: (at: number, to: number) => feed({ kind: 'resign', now: seconds(at), priority: to, reason: 'test' }),
    reprioritize: (at: number, to: number) =>
      feed({ kind: 'priority', now: seconds(at), priority: to, reason: 'test' }),
    timer: (at: number) => feed({ kind: 'timer', now: seconds(at) }),
    hear: (at: number, from: Ipv4, changes: Partial<Advert> = {}) =>
      feed({ kind: 'advert', now: seconds(at), from, advert: advertOf(config, changes) }),
    backup: () => {
      const { phase } = state
      assert.ok(phase.kind === 'backup', phase.kind)
      return phase
    },
    master: () => {
      const { phase } = state
      assert.ok(phase.kind === 'master', phase.kind)
      return phase
    },
  }
}

/** A router that has become master at second 10, having heard nobody. */
export function driveMaster(config: RouterConfig, priority = 100) {
  const router = drive(config, priority)
  router.startup(0)
  router.timer(10)
  assert.equal(router.state().phase.kind, 'master')
  return router
}

/** The actions but for notices, as words: `send-advert 100`, `backup->master (master-down)`. */
export const words = (actions: readonly RouterAction[]): string[] =>
  actions.flatMap((action) => {
    switch (action.kind) {
      case 'send-advert':
        return [`send-advert ${action.priority}`]
      case 'state-change':
        return [`${action.from}->${action.to} (${action.cause.kind})`]
      case 'notice':
        return []
      default:
        return [action.kind]
    }
  })

export const noticesOf = (actions: readonly RouterAction[]): Notice[] =>
  actions.flatMap((action) => (action.kind === 'notice' ? [action.notice] : []))

export const fromHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export const reasonOf = (decoded: Result<ReceivedAdvert, { reason: string }>): string =>
  decoded.ok ? 'accepted' : decoded.error.reason
