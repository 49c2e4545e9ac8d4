import { gateLease, highestOther } from '../../engine/core/gate-deadline.ts'
import { masterDownInterval } from '../../engine/vrrp/timing.ts'
import { durationText, fromMillis, fromSeconds, type Micros, minus, plus, toSeconds } from '../../shared/units.ts'
import type { HostFacts, Machine } from '../detect/facts.ts'
import { WIDTH, wrap } from '../layout.ts'
import { type Answers, readAdvertInterval } from './init-answers.ts'
import { hasChannel } from './init-channel.ts'
import { readPriorities } from './init-readers.ts'
import type { Remark } from './init-remarks.ts'

/** How often adverts are sent: what is proposed, and what an interval means. PURE. */

/** Between haup nodes on hardware a dead box is replaced within a second by it. */
const BRISK = '250ms'
/** A guest may stand still for longer than three of the brisk ones. */
const CALM = '1s'

/** What the file has that is there; else keepalived's clusters, VRRPv2 and guests of a hypervisor keep the usual second. */
export function proposeInterval(
  { machine, keepalived }: Pick<HostFacts, 'machine' | 'keepalived'>,
  before: Answers,
  given: Answers,
  present: Micros | undefined,
): string {
  const version = before['vrrp-version'] === '2' ? 2 : 3
  const kept = present === undefined ? undefined : durationText(present)
  if (kept !== undefined && readAdvertInterval(version)(kept).ok) return kept
  const isAmongUs = keepalived === undefined && hasChannel(given) && version === 3
  return isAmongUs && machine.kind === 'hardware' ? BRISK : CALM
}

/** Looking at the LAN and binding the addresses. */
const TAKES = fromMillis(100)

export type Silence = {
  /** A dead box is replaced within. */
  readonly replaced: Micros
  /** What stands still for less keeps the addresses, whenever it begins; undefined: not fenced. */
  readonly stall: Micros | undefined
}

/** `others`: the priority of each node. The lowest waits longest, the highest bounds how long a holder may be quiet. */
export function silenceOf(version: 2 | 3, interval: Micros, priorities: readonly number[]): Silence {
  // It may begin just before an advert is due.
  const lease = gateLease(version, interval, highestOther(priorities))
  return {
    replaced: plus(masterDownInterval(version, Math.min(...priorities), interval), TAKES),
    stall: lease === undefined ? undefined : minus(lease, interval),
  }
}

/** The trade in two lines, for an answer that has passed its check. */
export function describeTrade(answers: Answers): readonly string[] {
  const version = answers['vrrp-version'] === '2' ? 2 : 3
  const interval = readAdvertInterval(version)(answers['advert-interval'])
  const priorities = readPriorities(answers.priority)
  if (!interval.ok || !priorities.ok) return []
  const { replaced, stall } = silenceOf(version, interval.value, Object.values(priorities.value))
  const pauses = stall === undefined ? 'it is not fenced' : `pauses below ${tenths(stall)} move nothing`
  const text = `adverts each ${durationText(interval.value)} (--advert-interval): a dead box is replaced within ${tenths(replaced, Math.ceil)}, ${pauses}; about ${cost(interval.value)} % of a CPU core`
  return wrap(text, WIDTH)
}

const tenths = (duration: Micros, round: (value: number) => number = Math.floor): string =>
  `${round(toSeconds(duration) * 10) / 10} s`

/** As measured (docs/measurements.md): a little by itself, the rest by each advert with its report and its renewal. */
const cost = (interval: Micros): number => Math.round((0.05 + 0.25 / toSeconds(interval)) * 10) / 10

/** The file of another box may be too brisk for this one. */
export function remarkOnInterval(machine: Machine, version: 2 | 3, interval: Micros): Remark | undefined {
  if (machine.kind !== 'guest' || interval >= fromSeconds(1)) return undefined
  const { stall } = silenceOf(version, interval, [])
  const message = `this box is a guest (${machine.name}), and adverts each ${durationText(interval)} move the address when it stands still for ${stall === undefined ? 'a moment' : tenths(stall)}`
  return { code: 'guest-interval', message, remedy: 'advert_interval: 1s in haup.yaml, on every node, if that happens' }
}
