import type { PeerRuntime } from './peer-types.ts'
import type { InstanceRuntime } from './types.ts'

/** What an instance decides by, and changes itself while it is looked at. `deadlines` and the like are not among it. */
const DECISIVE = [
  'holding',
  'claim',
  'grant',
  'move',
  'died',
  'closed',
  'refusal',
  'tookFrom',
  'ableSince',
  'rival',
  'deferringTo',
  'blocked',
  'isolated',
  'deaf',
  'nobodyReadier',
  'leaseWanted',
] as const satisfies readonly (keyof PeerRuntime)[]

/**
 * Whether a look at an instance has changed nothing that it decides by. PURE. Otherwise it may have more to do, and is looked
 * at again at once.
 */
export const isSteady = (before: InstanceRuntime, after: InstanceRuntime): boolean =>
  before.hold === after.hold &&
  before.bindFailure === after.bindFailure &&
  before.router.phase.kind === after.router.phase.kind &&
  before.router.priority === after.router.priority &&
  before.lan.doubt?.kind === after.lan.doubt?.kind &&
  !isHeldBackAnew(before, after) &&
  DECISIVE.every((key) => isAlike(before.peer[key], after.peer[key]))

/** The router's timer, for which a claim waits, was set to another time. */
const isHeldBackAnew = ({ router: { phase: was } }: InstanceRuntime, { router: { phase }, peer }: InstanceRuntime) =>
  (peer.blocked || peer.claim !== undefined || peer.deferringTo !== undefined) &&
  phase.kind === 'backup' &&
  (was.kind !== 'backup' || was.masterDownAt !== phase.masterDownAt)

const isAlike = (before: PeerRuntime[keyof PeerRuntime], after: PeerRuntime[keyof PeerRuntime]): boolean =>
  before === after || (isThing(before) && isThing(after) && JSON.stringify(before) === JSON.stringify(after))

const isThing = (value: unknown): boolean => typeof value === 'object' && value !== null
