import type { Random } from '../../sim/random.ts'

/** What is done to a live pair, drawn from a seed. PURE: the same seed makes the same plan on every machine. */

export const BOXES = ['web1', 'web2'] as const
export type BoxName = (typeof BOXES)[number]

/** Faults of one part of a box exclude each other at a time; those of different parts meet as they come. */
const PARTS = {
  engine: ['kill', 'freeze', 'stop'],
  link: ['dark', 'blocked', 'interface-down'],
  firewall: ['adverts-in', 'adverts-out', 'adverts-both', 'nft-flush'],
  web: ['nginx-kill', 'nginx-break', 'nginx-hang', 'nginx-500'],
  kernel: ['address-del', 'address-storm', 'address-flush', 'address-flush-back'],
  command: ['failover', 'reload', 'reload-addresses'],
} as const

export type Part = keyof typeof PARTS
export type FaultKind = (typeof PARTS)[Part][number]

/** Instants are milliseconds since the episode began. */
export type PlannedFault = {
  readonly kind: FaultKind
  readonly part: Part
  readonly box: BoxName
  readonly from: number
  /** When it is put right; the same instant where there is nothing to put right. */
  readonly to: number
}

const MOMENTARY: readonly FaultKind[] = [
  'nft-flush',
  'nginx-kill',
  'address-del',
  'address-flush-back',
  'failover',
  'reload',
]

/** Faults begin within this time. */
const EPISODE_MS = 4_000
/** Around the take-over interval of adverts each 100 ms (341 ms), where races live, and long ones. */
const DURATIONS: readonly [readonly [number, number], ...(readonly [number, number])[]] = [
  [20, 250],
  [250, 450],
  [450, 1_500],
  [1_500, 5_000],
]

/** One to five faults, in order of their beginning. */
export function planEpisode(random: Random): readonly PlannedFault[] {
  const faults: PlannedFault[] = []
  for (let left = random.between(1, 5); left > 0; left--) {
    const fault = drawFault(random)
    if (!faults.some((other) => excludes(other, fault))) faults.push(fault)
  }
  return faults.sort((a, b) => a.from - b.from)
}

/** How often each part is drawn. */
const OFTEN: readonly [Part, ...Part[]] = [
  'engine',
  'engine',
  'engine',
  'link',
  'firewall',
  'web',
  'web',
  'kernel',
  'kernel',
  'command',
]

function drawFault(random: Random): PlannedFault {
  const part = random.pick(OFTEN)
  const [first, ...others] = PARTS[part]
  const kind = random.pick<FaultKind>([first, ...others])
  const from = random.between(0, EPISODE_MS)
  const lasts = random.between(...random.pick(DURATIONS))
  return { kind, part, box: random.pick(BOXES), from, to: MOMENTARY.includes(kind) ? from : from + lasts }
}

/** Some time to put one right lies between two of the same part. */
const BETWEEN_MS = 300

const excludes = (a: PlannedFault, b: PlannedFault): boolean =>
  a.box === b.box && a.part === b.part && a.from < b.to + BETWEEN_MS && b.from < a.to + BETWEEN_MS
