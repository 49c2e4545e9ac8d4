import { errnoCode, native } from '../../native/index.ts'
import { type Bounds, bad, good, stopwatch, type Verdict, within } from '../../probes/attempt.ts'
import { probeHttp } from '../../probes/http.ts'
import { probeTcp } from '../../probes/tcp.ts'
import { assertNever } from '../../shared/errors.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import { printable } from '../../shared/log.ts'
import { formatDuration, fromMillis, fromSeconds, type Micros, micros, toMillis } from '../../shared/units.ts'
import type { LanReach } from '../peer/types.ts'
import type { ReachAnswer, ReachPort, ReachTarget } from '../peer/witness.ts'
import { type ArpAsk, createArpAsk } from './arp-ask.ts'
import { readLanNeighbours } from './lan-neighbours.ts'
import { ping } from './ping.ts'
import { createSilence } from './received.ts'

/** For one of two tries. A LAN answers within a few; stations that doze may take longer. */
const LAN_PATIENCE = fromMillis(60)
const MOST_NEIGHBOURS = 4
/** A LAN on which somebody could be served is not silent for so long while it is asked; milliseconds. */
const DEAF_AFTER_MS = 500
/** A neighbour that answered longer ago may have left. */
const RECENT = fromSeconds(300)

const WITHOUT_LINK = ['ENETDOWN', 'ENXIO', 'ENODEV']

// linux/if.h, linux/if_arp.h
const IFF_UP = 0x1
const IFF_RUNNING = 0x40
const ARPHRD_ETHER = 1

/** Needs CAP_NET_RAW for ARP and ping. */
export function createReachPort(arp: ArpAsk = createArpAsk()): ReachPort {
  const closed = new AbortController()
  /** By interface: the neighbours that were asked last. */
  const asked = new Map<string, readonly Ipv4[]>()
  const silence = createSilence()

  return {
    check: async (target, timeout) => {
      if (closed.signal.aborted) return bad('the port is closed')
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(), toMillis(timeout))
      const bounds = { limit: timeout, signal: AbortSignal.any([closed.signal, late.signal]) }
      const { ok, detail } = await checkOne(arp, target, bounds)
      clearTimeout(timer)
      return { ok, detail: printable(detail) }
    },
    lanReach: async (name, exclude) => {
      const link = linkOf(name)
      if (link.kind !== 'up') return link.kind
      silence.lasts(name, performance.now())
      const known = await readLanNeighbours(link.index, RECENT)
      // Those of before first: as long as they answer, nothing changes. In the dark they are what is left in the end.
      const others = [...(asked.get(name) ?? []), ...(known?.neighbours ?? [])]
      const gateways = (known?.gateways ?? []).filter((each) => !exclude.includes(each))
      const neighbours = [...new Set(others)].filter((each) => !exclude.includes(each) && !gateways.includes(each))
      const candidates = [...gateways, ...neighbours.slice(0, MOST_NEIGHBOURS)]
      if (candidates.length === 0) return silence.isWhole(name, DEAF_AFTER_MS) ? 'silent' : 'unknown'
      const answered = await arp.ask(name, candidates, LAN_PATIENCE)
      // The interface's flags follow its carrier up to a second late.
      if (!answered.ok) return WITHOUT_LINK.includes(answered.error.code) ? 'down' : 'unknown'
      const latest = (known?.neighbours ?? []).filter((each) => neighbours.includes(each))
      const next = answered.value === undefined ? [...latest, ...neighbours] : [answered.value, ...neighbours]
      asked.set(name, [...new Set(next)].filter((each) => !gateways.includes(each)).slice(0, MOST_NEIGHBOURS))
      if (answered.value !== undefined) return 'reached'
      return silence.lasts(name, performance.now()) >= DEAF_AFTER_MS ? 'deaf' : 'dark'
    },
    close: () => {
      closed.abort()
      arp.close()
    },
  }
}

type Link = { readonly kind: Exclude<LanReach, 'reached' | 'dark'> } | { readonly kind: 'up'; readonly index: number }

function linkOf(name: string): Link {
  try {
    const { index, flags, hardwareType } = native().interfaceByName(name)
    if ((flags & IFF_UP) === 0 || (flags & IFF_RUNNING) === 0) return { kind: 'down' }
    return hardwareType === ARPHRD_ETHER ? { kind: 'up', index } : { kind: 'unknown' }
  } catch (thrown) {
    if (errnoCode(thrown) === undefined) throw thrown
    return { kind: 'down' }
  }
}

async function checkOne(arp: ArpAsk, target: ReachTarget, bounds: Bounds): Promise<ReachAnswer> {
  switch (target.kind) {
    case 'arp':
      return checkArp(arp, target, bounds)
    case 'ping':
      return ping(target, bounds)
    case 'tcp':
      return probeTcp(target, bounds)
    case 'http':
      return probeHttp(
        { ...target, method: 'GET', headers: {}, host: undefined, body: undefined, sni: undefined },
        bounds,
      )
    default:
      return assertNever(target)
  }
}

async function checkArp(arp: ArpAsk, target: ReachTarget & { readonly kind: 'arp' }, bounds: Bounds): Promise<Verdict> {
  const took = stopwatch()
  const each: Micros = micros(bounds.limit / 2)
  const answered = await arp.ask(target.interface, [target.address], each)
  if (!answered.ok) return bad(answered.error.message)
  return answered.value === undefined ? bad(within('no answer', bounds)) : good(`answered in ${formatDuration(took())}`)
}
