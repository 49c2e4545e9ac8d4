import { setTimeout as delay } from 'node:timers/promises'
import type { InstancePlan } from '../../engine/core/types.ts'
import { exemptFromGate } from '../../engine/gate/exempt.ts'
import { createAnnounce } from '../../engine/io/announce.ts'
import { listInterfaces } from '../../engine/io/links.ts'
import { FOREVER } from '../../engine/io/rtnetlink.ts'
import type { AddressPort, BoundAddress } from '../../engine/ports.ts'
import { createAddressPort } from '../../engine/vip/addresses.ts'
import { EXIT, UserError } from '../../shared/errors.ts'
import { formatPrefix, type Ipv4 } from '../../shared/ip.ts'
import type { ForceHeld } from '../render-by-hand.ts'
import { askLan, type LanAnswer } from './ask-lan.ts'
import { findEngine, killStep } from './engine-presence.ts'
import { prepareEngine } from './prepare-engine.ts'

export type ForceHoldOptions = {
  readonly runDir: string
  readonly config: string
  readonly node: string | undefined
  /** Empty = all. */
  readonly instances: readonly string[]
  /** Whether the LAN is not asked who has the addresses. */
  readonly peerIsDead: boolean
}

/** Binds the addresses without an engine, and opens the gate for them. Throws UserError when that is not safe or fails. */
export async function forceHold(options: ForceHoldOptions): Promise<ForceHeld> {
  const presence = await findEngine(options.runDir)
  if (presence.kind === 'answers') throw answering(presence.pid)
  if (presence.kind === 'silent') throw silent(presence.pid)
  const port = createAddressPort()
  try {
    const { plan } = await prepareEngine(options.config, options.node)
    const chosen = choose(plan.instances, options.instances)
    const bindings = chosen.flatMap((each) => each.bindings)
    await requireLinks(bindings)
    if (!options.peerIsDead) await requireSilence(bindings)
    for (const instance of chosen) await bind(port, instance)
    const exempted = await exemptFromGate(
      chosen.map(({ name }) => name),
      bindings.map(({ address }) => address.address),
    )
    if (!exempted.ok) throw hindered('gate.exempt', exempted.error)
    await announce(bindings)
    return {
      held: chosen.flatMap(({ name, bindings: own }) =>
        own.map((each) => ({ instance: name, address: formatPrefix(each.address), interface: each.interface })),
      ),
    }
  } finally {
    port.close()
    presence.release()
  }
}

function choose(instances: readonly InstancePlan[], names: readonly string[]): readonly InstancePlan[] {
  const known = instances.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new UserError(`there is no instance "${unknown}" in the configuration`, {
      code: 'instance.unknown',
      exitCode: EXIT.negative,
      nextSteps: [`use one of: ${known.join(', ')}`],
    })
  }
  return instances.filter(({ name }) => names.length === 0 || names.includes(name))
}

/** An address on an interface that is down serves nobody, and nobody could answer. */
async function requireLinks(bindings: readonly BoundAddress[]): Promise<void> {
  const up = (await listInterfaces()).filter((each) => each.up).map(({ name }) => name)
  const down = bindings.find((each) => !up.includes(each.interface))
  if (down === undefined) return
  throw new UserError(`interface ${down.interface} is not up`, {
    code: 'link.down',
    exitCode: EXIT.environment,
    nextSteps: [`ip link show ${down.interface}`, `ip link set ${down.interface} up`],
  })
}

async function requireSilence(bindings: readonly BoundAddress[]): Promise<void> {
  const asked = await askLan(bindings)
  if (!asked.ok) throw hindered('lan.unheard', `it cannot be asked who has the addresses: ${asked.error}`)
  const [answer] = asked.value
  if (answer !== undefined) throw answered(answer)
}

/** Left-overs of an engine expire: these must not. */
async function bind(port: AddressPort, { name, bindings }: InstancePlan): Promise<void> {
  const applied = await port.apply(name, bindings)
  if (!applied.ok) throw hindered('vip.bind', applied.error)
  const kept = await port.renew(name, FOREVER)
  if (!kept.ok) throw hindered('vip.bind', kept.error)
  const missing = await port.missing(bindings)
  if (!missing.ok) throw hindered('vip.bind', missing.error)
  const [lost] = missing.value
  if (lost !== undefined) throw hindered('vip.bind', `${formatPrefix(lost.address)} did not stay on ${lost.interface}`)
}

/** Again for a frame that got lost. */
const ANNOUNCE_AFTER_MS: readonly number[] = [0, 100, 400]

async function announce(bindings: readonly BoundAddress[]): Promise<void> {
  const send = createAnnounce()
  for (const pause of ANNOUNCE_AFTER_MS) {
    await delay(pause)
    for (const each of bindings) {
      const addresses: readonly Ipv4[] = [each.address.address]
      const sent = send(each.interface, addresses)
      if (!sent.ok) throw hindered('vip.announce', `bound, but the LAN was not told: ${sent.error}`)
    }
  }
}

const answering = (pid: number): UserError =>
  new UserError(`an engine runs and answers (pid ${pid}): it decides who holds the addresses`, {
    code: 'engine.running',
    exitCode: EXIT.negative,
    nextSteps: [
      'see why it does not hold them: haup status',
      'undo a hand-over: haup failover --back',
      'or end it first: systemctl stop haup',
    ],
  })

const silent = (pid: number | undefined): UserError =>
  new UserError(`an engine lives${pid === undefined ? '' : ` (pid ${pid})`} and does not answer`, {
    code: 'engine.hung',
    exitCode: EXIT.negative,
    nextSteps: [killStep(pid), 'systemd starts it anew; only when that does not help: haup force-hold'],
  })

const answered = ({ address, mac, interface: name }: LanAnswer): UserError =>
  new UserError(`${address} is held by another box: ${mac} answers for it on ${name}`, {
    code: 'vip.answered',
    exitCode: EXIT.negative,
    nextSteps: [
      'the address serves already: nothing needs to be forced, unless that box is sick',
      'take it off that box first: haup failover there, or haup release, or pull its cable',
      'only if that is not a box that serves it: --i-know-that-the-peer-is-dead',
    ],
  })

const hindered = (code: string, message: string): UserError =>
  new UserError(message, { code, exitCode: EXIT.environment, nextSteps: ['ip address', 'undo it: haup release'] })
