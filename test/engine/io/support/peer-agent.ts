import { setTimeout } from 'node:timers/promises'
import { now } from '../../../../src/engine/io/clock.ts'
import { openPeerChannel } from '../../../../src/engine/io/peer-channel.ts'
import type { PeerChannel, PeerChannelConfig } from '../../../../src/engine/ports.ts'
import { type Methods, say, serveAgent } from '../../../support/agent-loop.ts'
import { report } from '../../peer/support.ts'

/** A node with a peer channel, in a namespace of its own: what it is told are its events. */

let channel: PeerChannel | undefined
let speaking: NodeJS.Timeout | undefined

const methods: Methods = {
  open: (config: PeerChannelConfig & { readonly keys: readonly string[] }) => {
    const keys = config.keys.map((key) => Buffer.from(String(key), 'hex'))
    channel = openPeerChannel(
      { ...config, keys },
      {
        onHeard: ({ node, path, report: heard, provenAt }) => {
          say({ event: 'path', node, path })
          say({ event: 'heard', node, path, leaving: heard.leaving, age: now() - provenAt })
        },
        onUnproven: () => undefined,
        onPath: (node, path) => say({ event: 'path', node, path }),
        onBroken: (node) => say({ event: 'broken', node }),
        onMet: (node) => say({ event: 'met', node }),
        onTrouble: (trouble) => say({ event: 'trouble', ...trouble }),
      },
    )
  },
  /** Says one report now and each 100 ms, or no more. */
  speak: (node: string, isOn: boolean) => {
    clearInterval(speaking)
    if (isOn) speaking = setInterval(() => channel?.say([node], report()), 100)
    if (isOn) channel?.say([node], report())
  },
  leave: (node: string) => {
    clearInterval(speaking)
    channel?.say([node], report({ leaving: true }))
  },
  paths: (node: string) => channel?.paths(node).map(({ name, problem }) => ({ name, problem: problem ?? null })),
  counters: () => channel?.counters(),
  /** Closes the channel; what is left of its connections when a turn has passed. */
  shut: async () => {
    clearInterval(speaking)
    channel?.close()
    await setTimeout(20)
    return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP') && !name.includes('Server'))
  },
  exit: () => process.exit(0),
}

await serveAgent(methods)
