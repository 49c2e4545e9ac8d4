import { setTimeout as delay } from 'node:timers/promises'
import { openArp } from '../../engine/io/arp-watch.ts'
import type { BoundAddress } from '../../engine/ports.ts'
import { ok, type Result } from '../../shared/result.ts'
import { fromMillis } from '../../shared/units.ts'

export type LanAnswer = { readonly address: string; readonly mac: string; readonly interface: string }

/** Asked twice; whoever has an address answers within milliseconds. */
const AGAIN = fromMillis(300)
const PATIENCE_MS = 900

/** Who else answers for the addresses (ARP probe, RFC 5227), also while this box has them. Needs root. */
export async function askLan(bindings: readonly BoundAddress[]): Promise<Result<readonly LanAnswer[], string>> {
  const answers: LanAnswer[] = []
  const arp = openArp(({ interface: name, packet: { kind, address, mac } }) => {
    const isAsked = bindings.some((each) => each.interface === name && each.address.address === address)
    if (kind !== 'probe' && isAsked) answers.push({ address, mac, interface: name })
  })
  try {
    const listening = arp.listen(bindings.map(({ address }) => address.address))
    if (!listening.ok) return listening
    for (const name of new Set(bindings.map((each) => each.interface))) {
      const addresses = bindings.filter((each) => each.interface === name).map(({ address }) => address.address)
      const asked = arp.probe(name, addresses, AGAIN)
      if (!asked.ok) return asked
    }
    await delay(PATIENCE_MS)
    return ok(answers)
  } finally {
    arp.close()
  }
}
