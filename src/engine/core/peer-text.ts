import type { LogRecord } from '../../shared/log.ts'
import type { PeerRuntime } from './peer-types.ts'
import type { Other } from './peer-view.ts'
import { andMore } from './said.ts'
import type { EngineAction, InstancePlan } from './types.ts'

/** What is said about other nodes of which the channel tells. PURE. */

export const ALLOW = 'let IP protocol 112 to 224.0.0.18 pass on both nodes and on what is between them'

type Deferring = NonNullable<PeerRuntime['deferringTo']>

/** `unheard`: nothing of it arrives by the LAN, neither adverts nor the channel. */
export const deferringReason = ({ node, unheard }: Deferring): string =>
  unheard
    ? `${node} holds the addresses and is alive, and nothing of it arrives by the LAN: check the switch port, VLAN and cable of both boxes`
    : `${node} holds the addresses and is alive, but its adverts do not arrive: ${ALLOW}`

export const logDeferringTo = (plan: InstancePlan, { name, lanSilent }: Other): EngineAction =>
  log(
    plan,
    'warn',
    lanSilent ? 'peer.lan-silent' : 'peer.adverts-blocked',
    `${deferringReason({ node: name, unheard: lanSilent })}. Not claimed while it holds them`,
  )

export const logServingAgain = (plan: InstancePlan, node: string): EngineAction =>
  log(plan, 'info', 'peer.adverts-back', `no longer held back by ${node}`)

export const logWaiting = (plan: InstancePlan, what: string): EngineAction =>
  log(plan, 'error', 'peer.claim-waits', `not claimed: ${what}`)

export const logDouble = (plan: InstancePlan, node: string, why: string | undefined): EngineAction =>
  log(
    plan,
    'error',
    'peer.two-holders',
    why === undefined
      ? `${node} holds the addresses, too: the gate of this node is closed until one of them has let go`
      : `${why}: this node lets go. If adverts between the nodes did not arrive, ${ALLOW}`,
  )

export const logDeclined = (plan: InstancePlan, node: string, refused: boolean): EngineAction =>
  log(
    plan,
    'warn',
    'hold.declined',
    `${node} ${refused ? 'refused to take the addresses over' : 'did not answer when it was to take the addresses over'}: they stay here, nothing was interrupted`,
  )

export const logCutOff = (plan: InstancePlan, why: string | undefined): EngineAction =>
  why === undefined
    ? log(plan, 'info', 'peer.reached-again', 'no longer cut off')
    : log(plan, 'error', 'peer.cut-off', why)

export const logStays = (plan: InstancePlan): EngineAction =>
  log(plan, 'warn', 'peer.nobody-readier', 'its service failed, and no other node could serve: stays where it is')

const DEAD = 'the connection to it ended as if its engine had died'

export const logHintDark = (plan: InstancePlan, node: string, more: number): EngineAction =>
  logHint(plan, node, `${DEAD}, but its box does not answer ARP either`, more)

export const logHintHeld = (
  plan: InstancePlan,
  node: string,
  hint: 'broken' | 'resigned',
  more: number,
): EngineAction => {
  const why = hint === 'broken' ? DEAD : 'its last advert let go'
  return logHint(plan, node, `${why}, but somebody goes on answering for the addresses`, more)
}

const logHint = (plan: InstancePlan, node: string, text: string, more: number): EngineAction =>
  log(plan, 'warn', 'peer.hint', `${node}: ${text}: VRRP's timers decide${andMore(more)}`)

const log = (plan: InstancePlan, level: LogRecord['level'], code: string, message: string): EngineAction => ({
  kind: 'log',
  record: { level, subject: plan.name, code, message },
})
