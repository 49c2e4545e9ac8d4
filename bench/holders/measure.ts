import { setTimeout as delay } from 'node:timers/promises'
import type { LabClient } from '../../src/lab/client.ts'
import type { ClientView } from '../../src/lab/measure.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { startWitness, type Witness } from '../../src/lab/witness.ts'
import type { HolderView } from '../../src/lab/witness-timeline.ts'
import { VIP } from '../../test/e2e/support/config.ts'
import { comeHome } from './come-home.ts'
import { type Contender, type ContenderOptions, type Kind, startContender } from './contender.ts'
import { repair, type Scenario } from './scenarios.ts'

/** One run of one scenario; times in milliseconds. */
export type Sample = {
  readonly twoMs: number
  readonly noneMs: number
  readonly outageMs: number
  /** From the beginning of the fault until web1 was last seen as a holder, before any heal. */
  readonly closedAfterMs: number
  /** Longest time without service since the heal; undefined without one. */
  readonly healOutageMs: number | undefined
  /** How long was looked, and the longest time in which the witness itself did not look. */
  readonly lookedMs: number
  readonly blindMs: number
  /** Whether the client was served again at all. */
  readonly recovered: boolean
}

/** A pair under observation. */
export type Bench = AsyncDisposable & {
  readonly measure: (scenario: Scenario, faultMs: number) => Promise<Sample>
}

const READY_LIMIT_MS = 60_000
/** Beyond what keepalived pairs need after a split: neighbours' entries expire within 53 s. */
const SERVED_LIMIT_MS = 60_000
const BOXES = ['web1', 'web2']

export async function openBench(kind: Kind, options: ContenderOptions): Promise<Bench> {
  const pair = await startContender(kind, options)
  try {
    const witness = await startWitness(pair.lab.host('witness'), [pair.web1.host, pair.web2.host], VIP)
    const client = pair.lab.startClient(VIP)
    const dispose = async () => {
      await Promise.all([client.stop(), witness.stop()])
      await pair.lab[Symbol.asyncDispose]()
    }
    return {
      measure: (scenario, faultMs) => measureOnce({ pair, witness, client }, scenario, faultMs),
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await pair.lab[Symbol.asyncDispose]()
    throw error
  }
}

type Observed = { readonly pair: Contender; readonly witness: Witness; readonly client: LabClient }

async function measureOnce({ pair, witness, client }: Observed, scenario: Scenario, faultMs: number): Promise<Sample> {
  await repair(pair)
  await comeHome(pair, client)
  await witness.settled(['web1'], monotonicMs(), READY_LIMIT_MS)
  // After this long every take-over has happened.
  const takeOverMs = 4 * pair.intervalMs + 1_000
  const from = monotonicMs()
  const acted = await scenario.act(pair)
  const began = typeof acted === 'number' ? acted : from
  const lasts = { fault: faultMs, half: Math.max(faultMs / 2, takeOverMs), short: takeOverMs }[scenario.lasts]
  await delay(Math.max(0, from + lasts - monotonicMs()))
  const healed = monotonicMs()
  if (scenario.heal !== undefined) {
    await scenario.heal(pair)
    await delay(takeOverMs)
  }
  const recovered = await isServed(client)
  const to = monotonicMs()
  const [held, served] = [await witness.viewSince(from, to), await client.viewSince(from)]
  const after = scenario.heal === undefined ? undefined : await client.viewSince(healed)
  return sampleOf(held, await witness.viewSince(from, healed), served, after, { from, began, healed, to, recovered })
}

const isServed = (client: LabClient): Promise<boolean> =>
  client.servedSteadily(BOXES, monotonicMs(), SERVED_LIMIT_MS).then(
    () => true,
    () => false,
  )

type Period = Readonly<Record<'from' | 'began' | 'healed' | 'to', number>> & { readonly recovered: boolean }

const sampleOf = (
  held: HolderView,
  beforeHeal: HolderView,
  served: ClientView,
  after: ClientView | undefined,
  { from, began, healed, to, recovered }: Period,
): Sample => ({
  twoMs: held.twoMs,
  noneMs: held.noneMs,
  outageMs: served.outageMs,
  closedAfterMs: Math.max(0, Math.min(healed, beforeHeal.held.web1?.at(-1)?.to ?? began) - began),
  healOutageMs: after?.outageMs,
  lookedMs: to - from,
  blindMs: held.blindMs,
  recovered,
})
