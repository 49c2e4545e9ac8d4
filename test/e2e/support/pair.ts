import { isDeepStrictEqual } from 'node:util'
import type { Box } from '../../../src/lab/box.ts'
import { holdersOf } from '../../../src/lab/holders.ts'
import { buildLab, type Lab } from '../../../src/lab/lab.ts'
import { monotonicMs } from '../../../src/lab/monotonic.ts'
import { configure, type PairOptions, VIP } from './config.ts'

/** Two boxes with running engines, web1 master, and a client. */
export type Pair = Lab & { readonly web1: Box; readonly web2: Box }

export async function startPair(options: PairOptions = {}, others: readonly string[] = ['client']): Promise<Pair> {
  const lab = await buildLab({ boxes: ['web1', 'web2'], others })
  try {
    await configure(lab, options)
    const [web1, web2] = [lab.box('web1'), lab.box('web2')]
    await web1.startEngine().log.until(entered('MASTER'))
    // Started together, web2 could be the first to claim by a few milliseconds.
    await web2.startEngine().log.until(entered('BACKUP'))
    return { ...lab, web1, web2 }
  } catch (error) {
    await lab[Symbol.asyncDispose]()
    throw error
  }
}

/** The engine's log line (JSON) that says a router's new state. */
export const entered = (state: 'MASTER' | 'BACKUP' | 'INIT', name = 'www'): RegExp =>
  new RegExp(`"subject":"${name}","code":"vrrp.state".*"to":"${state}"`)

export const anyStateChange = /"code":"vrrp.state"/

/** A log line with this code. */
export const logged = (code: string): RegExp => new RegExp(`"code":"${code.replaceAll('.', '\\.')}"`)

/** The boxes that have the address in their kernel, whatever their engines think. */
export const holders = (lab: Lab, address: string = VIP): Promise<readonly string[]> => holdersOf(lab.boxes, address)

/**
 * Resolves when these boxes hold the address and no others: the log tells of a change before the kernel has followed.
 * Rejects after two seconds.
 */
export async function untilHolders(lab: Lab, expected: readonly string[], address: string = VIP): Promise<void> {
  const deadline = monotonicMs() + 2_000
  for (;;) {
    const held = await holders(lab, address)
    if (isDeepStrictEqual(held, expected)) return
    if (monotonicMs() > deadline) throw new Error(`${address} is held by [${held}] instead of [${expected}]`)
  }
}

/** Resolves when a box's engine has heard this many adverts, which takes as many intervals. */
export async function heardAdverts(box: Box, wanted: number): Promise<void> {
  const deadline = monotonicMs() + 10_000
  while (((await box.status()).instances[0]?.counters.adverts_received ?? 0) < wanted) {
    if (monotonicMs() > deadline) throw new Error(`${box.name} has not heard ${wanted} adverts in 10 s`)
  }
}
