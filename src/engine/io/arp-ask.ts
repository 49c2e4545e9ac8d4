import { errnoCode, type InterfaceFacts, native } from '../../native/index.ts'
import { messageOf } from '../../shared/errors.ts'
import { type Ipv4, ipv4ToBytes, sameSubnet } from '../../shared/ip.ts'
import { printable } from '../../shared/log.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { type Micros, toMillis } from '../../shared/units.ts'
import { isOurs } from '../vip/tag.ts'
import { arpProbe, arpRequest, replyTo } from '../vrrp/arp.ts'
import { drained } from './drain.ts'
import { listInterfaces } from './links.ts'

/** Asks stations by ARP, from outside the kernel's table, which does not change. */
export type ArpAsk = {
  /**
   * Who of `targets` answers first. They are asked at once (RFC 5227: in a way that nobody learns from), and again after
   * `patience` as the kernel would ask; after another `patience` nobody did (undefined). The message is for people.
   */
  readonly ask: (
    interfaceName: string,
    targets: readonly Ipv4[],
    patience: Micros,
  ) => Promise<Result<Ipv4 | undefined, ArpFailure>>
  readonly close: () => void
}

/** linux/if_arp.h */
const ARPHRD_ETHER = 1

/** `code` is an errno name, such as ENETDOWN. */
export type ArpFailure = { readonly code: string; readonly message: string }

type Question = {
  readonly index: number
  readonly mac: Uint8Array
  readonly targets: ReadonlySet<Ipv4>
  readonly settle: (answer: Ipv4 | undefined) => void
}

/** More are forgotten: the socket's filter is small. */
const MOST_WATCHED = 64

/**
 * One socket for all questions, opened at the first one and kept: closing a packet socket holds its caller up for about
 * 10 ms. It is opened anew only for addresses that were never asked before. Needs CAP_NET_RAW.
 */
export function createArpAsk(): ArpAsk {
  const questions = new Set<Question>()
  let watched = new Set<Ipv4>()
  let stopHearing: (() => void) | undefined
  let sendSocket: number | undefined

  const onFrame = (index: number, frame: Uint8Array): void => {
    for (const question of [...questions]) {
      const answer = question.index === index ? replyTo(frame, question.mac) : undefined
      if (answer !== undefined && question.targets.has(answer)) question.settle(answer)
    }
  }
  const hear = (targets: readonly Ipv4[]): void => {
    if (stopHearing !== undefined && targets.every((each) => watched.has(each))) return
    const waiting = [...questions].flatMap((each) => [...each.targets])
    const all = new Set([...targets, ...waiting, ...watched].slice(0, MOST_WATCHED + targets.length + waiting.length))
    const former = stopHearing
    stopHearing = native().watchArp(Uint8Array.from([...all].flatMap((each) => [...ipv4ToBytes(each)])), onFrame)
    watched = all.size > MOST_WATCHED ? new Set(targets) : all
    former?.()
  }
  const send = (index: number, frames: readonly Uint8Array[]): void => {
    sendSocket ??= native().openPacketSocket()
    for (const frame of frames) native().sendFrame(sendSocket, index, frame)
  }
  const wait = ({ index, hardwareAddress: mac }: InterfaceFacts, targets: readonly Ipv4[], patience: Micros) => {
    const answered = Promise.withResolvers<Ipv4 | undefined>()
    // A loop that is late for its timers is late for its sockets: an answer may have come that is not read yet.
    const timer = setTimeout(() => void drained().then(() => question.settle(undefined)), toMillis(patience))
    const question: Question = {
      index,
      mac,
      targets: new Set(targets),
      settle: (answer) => {
        clearTimeout(timer)
        questions.delete(question)
        answered.resolve(answer)
      },
    }
    questions.add(question)
    return answered.promise
  }
  return {
    ask: async (interfaceName, targets, patience) => {
      try {
        const facts = native().interfaceByName(interfaceName)
        if (facts.hardwareType !== ARPHRD_ETHER) {
          return err({ code: 'EPROTONOSUPPORT', message: `${interfaceName} is not an Ethernet interface` })
        }
        hear(targets)
        const { index, hardwareAddress: mac } = facts
        const first = wait(facts, targets, patience)
        send(
          index,
          targets.map((each) => arpProbe(mac, each)),
        )
        const answer = await first
        if (answer !== undefined) return ok(answer)
        const again = wait(facts, targets, patience)
        send(index, await requestsFor(interfaceName, mac, targets))
        return ok(await again)
      } catch (thrown) {
        const code = errnoCode(thrown)
        if (code === undefined) throw thrown
        return err({ code, message: printable(messageOf(thrown)) })
      }
    },
    close: () => {
      for (const question of [...questions]) question.settle(undefined)
      stopHearing?.()
      stopHearing = undefined
      if (sendSocket !== undefined) native().closeDescriptor(sendSocket)
      sendSocket = undefined
    },
  }
}

/** With an address of this box, where there is one in the target's network, since some routers answer nothing else. */
async function requestsFor(
  interfaceName: string,
  mac: Uint8Array,
  targets: readonly Ipv4[],
): Promise<readonly Uint8Array[]> {
  const all = await listInterfaces()
  const addresses = all.find(({ name }) => name === interfaceName)?.addresses ?? []
  // Never in the name of a virtual address: the neighbours would learn it.
  const own = addresses.filter((each) => !isOurs(each, interfaceName))
  return targets.map((target) => {
    const source = own.find(({ address, length }) => length < 32 && sameSubnet(address, target, length))
    return source === undefined ? arpProbe(mac, target) : arpRequest(mac, source.address, target)
  })
}
