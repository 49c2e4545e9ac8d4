import { errnoCode, type InterfaceFacts, native } from '../../native/index.ts'
import { messageOf } from '../../shared/errors.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { Announce } from '../ports.ts'
import { gratuitousArp } from '../vrrp/arp.ts'
import { createInterfaceFacts } from './interface-facts.ts'

/** linux/if_arp.h */
const ARPHRD_ETHER = 1

/**
 * Sends one gratuitous ARP for each address, also when one of them fails (the first error is returned). The interface
 * is looked up by name in each turn of the event loop, so that a re-created one is found under its new index. One sending socket serves
 * every interface; it is opened at the first call, which needs CAP_NET_RAW, and lives as long as the process.
 */
export function createAnnounce(): Announce {
  let packetSocket: number | undefined
  const factsOf = createInterfaceFacts()
  return (interfaceName, addresses) => {
    const facts = attempt(`interface ${interfaceName}`, () => factsOf(interfaceName))
    if (!facts.ok) return facts
    if (facts.value.hardwareType !== ARPHRD_ETHER) return err(`interface ${interfaceName} is not an Ethernet interface`)
    const socket = attempt('packet socket', () => packetSocket ?? native().openPacketSocket())
    if (!socket.ok) return socket
    packetSocket = socket.value
    const sent = addresses.map((address) =>
      sendFrame(interfaceName, socket.value, facts.value, gratuitousArp(facts.value.hardwareAddress, address)),
    )
    return sent.find((each) => !each.ok) ?? ok(undefined)
  }
}

const sendFrame = (name: string, socket: number, facts: InterfaceFacts, frame: Uint8Array): Result<void, string> =>
  attempt(`interface ${name}`, () => native().sendFrame(socket, facts.index, frame))

/** System call errors become values; anything else is a bug and passes through. */
function attempt<T>(subject: string, action: () => T): Result<T, string> {
  try {
    return ok(action())
  } catch (thrown) {
    const code = errnoCode(thrown)
    if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw thrown
    return err(`${subject}: ${messageOf(thrown)}`)
  }
}
