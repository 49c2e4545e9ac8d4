import type { LogRecord } from '../../shared/log.ts'
import type { Other, View } from './peer-view.ts'
import type { EngineAction, InstancePlan } from './types.ts'

/** What is said about other nodes of which the channel tells. PURE. */

const ALLOW = 'let IP protocol 112 to 224.0.0.18 pass on both nodes and on what is between them'

export const deferringReason = (node: string): string =>
  `${node} holds the addresses and is alive, but its adverts do not arrive: ${ALLOW}`

export function logDeferringTo(plan: InstancePlan, _view: View, { name, lanSilent }: Other): EngineAction {
  const where = lanSilent ? 'nothing of it arrives by the LAN, it is heard by another path' : 'it is heard by the LAN'
  return log(
    plan,
    'warn',
    'peer.adverts-blocked',
    `${deferringReason(name)} (${where}). Not claimed while it holds them`,
  )
}

export const logServingAgain = (plan: InstancePlan, node: string): EngineAction =>
  log(plan, 'info', 'peer.adverts-back', `no longer held back by ${node}`)

export const logWaiting = (plan: InstancePlan, what: string): EngineAction =>
  log(plan, 'error', 'peer.claim-waits', `not claimed: ${what}`)

export const logDouble = (plan: InstancePlan, { name }: Other, loses: boolean): EngineAction =>
  log(
    plan,
    'error',
    'peer.two-holders',
    loses
      ? `${name} holds the addresses too and has the better right: let go. Adverts between the nodes did not arrive: ${ALLOW}`
      : `${name} held the addresses too, it has the lesser right and lets go; announcing them again`,
  )

export const logCutOff = (plan: InstancePlan, why: string | undefined): EngineAction =>
  why === undefined
    ? log(plan, 'info', 'peer.reached-again', 'no longer cut off')
    : log(plan, 'error', 'peer.cut-off', why)

export const logStays = (plan: InstancePlan): EngineAction =>
  log(plan, 'warn', 'peer.nobody-readier', 'its service failed, and no other node could serve: stays where it is')

const DEAD = 'the connection to it ended as if its engine had died'

export const logHintDark = (plan: InstancePlan, node: string): EngineAction =>
  logHint(plan, node, DEAD, 'its box does not answer ARP either')

export const logHintHeld = (plan: InstancePlan, node: string, hint: 'broken' | 'resigned'): EngineAction =>
  logHint(
    plan,
    node,
    hint === 'broken' ? DEAD : 'its last advert let go',
    'somebody goes on answering for the addresses',
  )

const logHint = (plan: InstancePlan, node: string, hint: string, but: string): EngineAction =>
  log(plan, 'warn', 'peer.hint', `${node}: ${hint}, but ${but}: VRRP's timers decide`)

const log = (plan: InstancePlan, level: LogRecord['level'], code: string, message: string): EngineAction => ({
  kind: 'log',
  record: { level, subject: plan.name, code, message },
})
