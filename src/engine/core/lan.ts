import { earliest, type Micros } from '../../shared/units.ts'
import { nextDeadline } from '../vrrp/timing.ts'
import type { RouterAction, RouterEvent } from '../vrrp/types.ts'
import type { AdvertDoubt } from './adverts.ts'
import { aloneAfter, followAlone } from './lan-alone.ts'
import { claimsDeadline, contest, noteAnnouncement } from './lan-claims.ts'
import { noteLook } from './lan-doubt.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/** The second sense beside adverts: ARP. PURE. What it leads to once the router has had an event. */
export function followLan(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  engine: EngineState,
  event: EngineEvent,
  advertised: boolean,
): {
  readonly runtime: InstanceRuntime
  readonly actions: readonly EngineAction[]
  readonly lapse: RouterEvent | undefined
} {
  const settled = noteLook(plan, runtime, engine, event.now)
  const alone = followAlone(plan, settled.runtime, engine, event, advertised)
  const contested = contest(plan, alone.runtime, engine, event, { advertised, anyway: alone.announces })
  return { ...contested, actions: [...settled.actions, ...alone.actions, ...contested.actions] }
}

/** What the router's own actions mean for what is known of the LAN. */
export function noteRouterAction(
  plan: InstancePlan,
  { lan }: InstanceRuntime,
  action: RouterAction,
  event: EngineEvent,
) {
  if (action.kind === 'announce') return noteAnnouncement(lan, event)
  return action.kind === 'state-change' ? { ...lan, alone: aloneAfter(plan, action) } : lan
}

/** Whether a probe of the LAN is under way. */
export const awaitsAnswer = ({ lan, peer }: InstanceRuntime): boolean =>
  lan.doubt?.kind === 'probing' ||
  peer.died?.confirmed === false ||
  isDoubting(peer.doubts) ||
  lan.claimants.some(({ step }) => step === 'confirming')

const isDoubting = (doubts: ReadonlyMap<string, AdvertDoubt>): boolean =>
  doubts.size > 0 && [...doubts.values()].some(({ askAt }) => askAt !== undefined)

/** When the router, a look before its claim, or a contest needs a `timer`. In doubt the router's own deadline has passed. */
export const instanceDeadline = ({ router, lan, peer }: InstanceRuntime): Micros | undefined => {
  const claim = peer.blocked ? undefined : (lan.doubt?.until ?? nextDeadline(router))
  return earliest(earliest(claim, lan.lookAt), claimsDeadline(lan))
}
