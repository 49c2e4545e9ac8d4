import { setTimeout as delay } from 'node:timers/promises'
import { darkenPort, lightPort } from '../../src/lab/faults.ts'
import { ipBatch } from '../../src/lab/run.ts'
import { type Host, INTERFACE } from '../../src/lab/topology.ts'
import { attack } from '../../test/e2e/support/attack.ts'
import { advertFrame } from '../../test/e2e/support/frames.ts'
import {
  deafen,
  dropNothing,
  dropOnInput,
  loseBetween,
  loseInBursts,
  loseNothing,
} from '../../test/e2e/support/loss.ts'
import { quicken, slowDown } from '../../test/e2e/support/slow-line.ts'
import { starve } from '../../test/e2e/support/starve.ts'
import type { Contender } from '../holders/contender.ts'

/** Does what is wrong; what takes long (a flood, stalls) may take all its time. Resolves with how it is put right. */
export type Act = (pair: Contender, lastsMs: number) => Promise<Heal>
export type Heal = () => Promise<unknown>

const nothing: Heal = async () => undefined

/** Beside the client: somebody who forges, and a client on the side of web2. */
export const STRANGER_HOST = 'stranger'
export const SECOND_CLIENT = 'client2'

/** The box's own firewall eats the reports of the channel that come in. */
export const deafToChannel =
  (name: 'web1' | 'web2'): Act =>
  async (pair) => {
    await dropOnInput(pair[name].host, 'udp dport 7112')
    return () => dropNothing(pair[name].host)
  }

export type Lost = { readonly toBackup: number; readonly toHolder: number }

/** Of a hundred frames between web1 and web2; everybody else is heard. */
export const lossy =
  (lost: Lost): Act =>
  ({ lab, web1, web2 }) =>
    loseAcross(lab, [web1.host], [web2.host], lost)

/** Also for who uses the address: web1 and the client on one side, web2 and another client on the other one. */
export const lossyTrunk =
  (lost: Lost): Act =>
  ({ lab, web1, web2 }) =>
    loseAcross(lab, [web1.host, lab.host('client')], [web2.host, lab.host(SECOND_CLIENT)], lost)

async function loseAcross(
  { topology }: Contender['lab'],
  left: readonly Host[],
  right: readonly Host[],
  { toBackup, toHolder }: Lost,
): Promise<Heal> {
  const losses = left.flatMap((a) =>
    right.flatMap((b) => [
      { from: a, to: b, percent: toBackup },
      { from: b, to: a, percent: toHolder },
    ]),
  )
  await loseBetween(topology, losses)
  return () => loseNothing(topology)
}

const SEED = 17

export const bursts: Act = async ({ lab, web1, web2 }, lastsMs) => {
  await loseInBursts(lab.topology, [web1.host, web2.host], lastsMs, SEED)
  return nothing
}

/** web2's cable is slow. */
export const slow =
  (delayMs: number, jitterMs: number, lossPercent: number): Act =>
  async ({ lab, web2 }) => {
    const line = await slowDown(lab, web2.host, { delayMs, jitterMs, lossPercent, seed: SEED })
    return () => quicken(lab, web2.host, line)
  }

/** Nothing passes from the LAN to the box, from it, or both. */
export const deafLan =
  (name: 'web1' | 'web2', ...ways: readonly ('in' | 'out')[]): Act =>
  async ({ lab, ...pair }) => {
    await deafen(lab.topology, pair[name].host, ways)
    return () => loseNothing(lab.topology)
  }

/** The port comes back after a flap, with a carrier and without traffic, as spanning tree has it. */
export const deafPort: Act = async ({ lab, web1 }) => {
  await darkenPort(lab.topology, web1.host)
  await delay(1_000)
  await deafen(lab.topology, web1.host)
  await lightPort(lab.topology, web1.host)
  return () => loseNothing(lab.topology)
}

const mtu = ({ host }: { readonly host: Host }, bytes: number): Promise<void> =>
  ipBatch(host.namespace, [`link set dev ${INTERFACE} mtu ${bytes}`])

/** web1 sends frames that are too large for the LAN. */
export const largeFrames: Act = async ({ web1 }) => {
  await mtu(web1, 9_000)
  return () => mtu(web1, 1_500)
}

/** Adverts of the highest priority, in whoever's name. */
export const forged =
  (perSecond: number, source: string): Act =>
  async ({ lab }, lastsMs) => {
    await attack(lab.host(STRANGER_HOST), { frames: [advertFrame({ source })], perSecond, lastsMs })
    return nothing
  }

export const oneLongAdvert: Act = async ({ lab }) => {
  const frames = [advertFrame({ source: '192.0.2.99', intervalMs: 40_950 })]
  await attack(lab.host(STRANGER_HOST), { frames, perSecond: 1, lastsMs: 0 })
  return nothing
}

export const starving: Act = async (pair) => {
  const starved = await Promise.all((await pair.pids(pair.web1)).map(starve))
  return () => Promise.all(starved.map((each) => each[Symbol.asyncDispose]()))
}

const BETWEEN_STALLS_MS = 1_100

export const stalls =
  (stallMs: number): Act =>
  async (pair, lastsMs) => {
    for (let left = lastsMs; left > 0; left -= stallMs + BETWEEN_STALLS_MS) {
      await pair.freeze(pair.web1)
      await delay(stallMs)
      await pair.thaw(pair.web1)
      await delay(BETWEEN_STALLS_MS)
    }
    return nothing
  }

export const hang: Act = async (pair) => {
  await pair.freeze(pair.web1)
  return () => pair.thaw(pair.web1)
}

export const restart: Act = async (pair) => {
  await pair.kill(pair.web1)
  await pair.start(pair.web1)
  return nothing
}

export const kill =
  (name: 'web1' | 'web2'): Act =>
  async (pair) => {
    await pair.kill(pair[name])
    return () => pair.start(pair[name])
  }

/** One after the other, with so much time between; put right in the other order. */
export const inTurn =
  (pauseMs: number, ...acts: readonly Act[]): Act =>
  async (pair, lastsMs) => {
    const heals: Heal[] = []
    for (const act of acts) {
      if (heals.length > 0) await delay(pauseMs)
      heals.unshift(await act(pair, lastsMs))
    }
    return async () => {
      for (const heal of heals) await heal()
    }
  }
