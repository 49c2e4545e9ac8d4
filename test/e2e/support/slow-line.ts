import { join } from 'node:path'
import * as z from 'zod'
import type { Lab } from '../../../src/lab/lab.ts'
import { type LabProcess, startProcess } from '../../../src/lab/process.ts'
import { ipBatch } from '../../../src/lab/run.ts'
import type { Host } from '../../../src/lab/topology.ts'

/**
 * A line on which frames take their time: a program between a host's cable and the switch hands each frame on when it is
 * due, both ways; those that are overtaken arrive later (no order is kept), as on a line with more than one way.
 */

export type Slowness = z.infer<typeof slownessSchema>

const slownessSchema = z.strictObject({
  /** One way, mean; each frame's own differs by up to `jitterMs`, evenly. */
  delayMs: z.number().nonnegative(),
  jitterMs: z.number().nonnegative(),
  /** Of a hundred frames, each way. */
  lossPercent: z.number().min(0).max(100),
  seed: z.number(),
})

export const parseSlowness = (text: string): Slowness => slownessSchema.parse(JSON.parse(text))

export type SlowLine = LabProcess

/** Ends when the process is stopped, or with the lab; the host is off the LAN from then on until `quicken`. */
export async function slowDown(lab: Lab, host: Host, slowness: Slowness): Promise<SlowLine> {
  const { switch: namespace } = lab.topology
  const [near, far] = portsOf(host)
  await ipBatch(namespace, [
    `link add name ${near} type veth peer name ${far}`,
    ...[near, far, host.name].map((port) => `link set dev ${port} addrgenmode none`),
    `link set dev ${far} up`,
  ])
  const line = startProcess({
    name: `slow line of ${host.name}`,
    namespace,
    argv: [
      process.execPath,
      join(import.meta.dirname, 'slow-line-process.ts'),
      host.name,
      far,
      JSON.stringify(slowness),
    ],
    logFile: join(lab.directory, `slow-${host.name}.log`),
  })
  await line.log.until(/both ways/)
  // Plugged over when all is ready: the host misses a few milliseconds.
  await ipBatch(namespace, [`link set dev ${host.name} nomaster`, `link set dev ${near} master br0 up`])
  return line
}

/** The cable is plugged into the switch again. */
export async function quicken({ topology }: Lab, host: Host, line: SlowLine): Promise<void> {
  await line.stop()
  await ipBatch(topology.switch, [`link del dev ${portsOf(host)[0]}`, `link set dev ${host.name} master br0`])
}

const portsOf = ({ name }: Host) => [`${name}-near`, `${name}-far`] as const
