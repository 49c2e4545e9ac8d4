import { formatPrefix } from '../shared/ip.ts'
import type { Log } from '../shared/log.ts'
import type { InstancePlan } from './core/types.ts'
import type { AddressPort } from './ports.ts'

/** What is found of an earlier life of haup, and what stays after this one. */

type Ports = { readonly addresses: AddressPort; readonly log: Log }

/** Addresses that an earlier life of the engine has left bound. */
export async function removeLeftOvers({ addresses, log }: Ports): Promise<void> {
  for (const { address, interface: name } of await addresses.cleanup()) {
    const message = `removed ${address.address}/${address.length} from ${name}: left over from an engine that died`
    log({ level: 'warn', subject: 'haup', code: 'vip.left-over', message })
  }
}

/** Addresses that this box has without haup stay closed after it, where another node may hold them. Tells of them. */
export async function sayStaying(instances: readonly InstancePlan[], { addresses, log }: Ports): Promise<boolean> {
  const fenced = instances.filter(({ gate, peers }) => gate.kind === 'on' && peers.length > 0)
  const others = await addresses.others(fenced.flatMap(({ bindings }) => bindings))
  for (const { address, interface: name } of others.ok ? others.value : []) {
    const message =
      `${formatPrefix(address)} stays on ${name}, as somebody else has set it, and is closed by the gate, since another ` +
      'node may hold it; "haup cleanup --open" opens it'
    log({ level: 'warn', subject: 'haup', code: 'vip.stays', message })
  }
  return others.ok && others.value.length > 0
}
