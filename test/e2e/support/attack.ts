import { join } from 'node:path'
import * as z from 'zod'
import { inNamespace, runOrThrow } from '../../../src/lab/run.ts'
import type { Host } from '../../../src/lab/topology.ts'

/** Somebody on the LAN who sends what he likes. */

export type Attack = {
  readonly frames: readonly Uint8Array[]
  readonly perSecond: number
  readonly lastsMs: number
}

export type FrameOrder = z.infer<typeof orderSchema>

const orderSchema = z.strictObject({
  frames: z.array(z.string()).min(1),
  perSecond: z.number().positive(),
  lastsMs: z.number().nonnegative(),
})

export const parseFrameOrder = (order: unknown): FrameOrder => orderSchema.parse(order)

export type StreamOrder = z.infer<typeof streamSchema>

const streamSchema = z.strictObject({
  addresses: z.array(z.string()).min(1),
  port: z.number(),
  perSecond: z.number().positive(),
  lastsMs: z.number().nonnegative(),
})

export const parseStreamOrder = (order: unknown): StreamOrder => streamSchema.parse(order)

/** Sends the frames in turn from the host's interface; resolves, when the time is over, with how many its kernel took. */
export function attack(host: Host, { frames, perSecond, lastsMs }: Attack): Promise<number> {
  const order: FrameOrder = { frames: frames.map((frame) => Buffer.from(frame).toString('hex')), perSecond, lastsMs }
  return run(host, 'send-frames.ts', order)
}

/** Opens connections and says nonsense; resolves, when the time is over, with how many were accepted. */
export const attackByStreams = (host: Host, order: StreamOrder): Promise<number> => run(host, 'send-streams.ts', order)

async function run(host: Host, program: string, order: FrameOrder | StreamOrder): Promise<number> {
  const argv = [process.execPath, join(import.meta.dirname, program)]
  const options = { input: JSON.stringify(order), timeoutMs: order.lastsMs + 30_000 }
  return Number(await runOrThrow(inNamespace(host.namespace, argv), options))
}
