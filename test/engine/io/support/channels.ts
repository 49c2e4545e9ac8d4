import { setTimeout } from 'node:timers/promises'
import { openPeerChannel } from '../../../../src/engine/io/peer-channel.ts'
import type { PeerChannel, PeerChannelConfig, PeerHeard, PeerTrouble } from '../../../../src/engine/ports.ts'
import type { Ipv4 } from '../../../../src/shared/ip.ts'

export const KEY = new Uint8Array(32).fill(7)
export const OTHER_KEY = new Uint8Array(32).fill(9)

/** Ports of these tests; each takes the next ones, beside those of other processes. */
let nextPort = 20_000 + (process.pid % 2_000) * 20
export const takePort = (): number => {
  nextPort += 1
  return nextPort
}

/** `web1` is 127.0.0.11, and 127.0.1.11 on its second path; `web2` has .12. */
export const ends = (self: 'web1' | 'web2', port: number, paths = 1): PeerChannelConfig => {
  const [own, other] = self === 'web1' ? [11, 12] : [12, 11]
  const names = ['lan', 'line'].slice(0, paths)
  return {
    cluster: 'site',
    self,
    port,
    keys: [KEY],
    peers: [
      {
        node: self === 'web1' ? 'web2' : 'web1',
        paths: names.map((name, index) => ({
          name,
          local: `127.0.${index}.${own}` as Ipv4,
          remote: `127.0.${index}.${other}` as Ipv4,
        })),
      },
    ],
  }
}

export type Spoken = PeerChannel & {
  readonly heard: PeerHeard[]
  readonly ways: string[]
  readonly broken: string[]
  readonly met: string[]
  readonly troubles: PeerTrouble[]
} & Disposable

/** A channel that writes down all that it is told. */
export function listen(config: PeerChannelConfig): Spoken {
  const told = { heard: [] as PeerHeard[], ways: [] as string[], broken: [] as string[], met: [] as string[] }
  const troubles: PeerTrouble[] = []
  const channel = openPeerChannel(config, {
    onHeard: (heard) => told.heard.push(heard),
    onUnproven: () => undefined,
    onPath: (_, path) => told.ways.push(path),
    onBroken: (node) => told.broken.push(node),
    onMet: (node) => told.met.push(node),
    onTrouble: (trouble) => troubles.push(trouble),
  })
  return { ...channel, ...told, troubles, [Symbol.dispose]: channel.close }
}

/** Does `again` from time to time until `done`; five seconds at most. */
export async function until(done: () => boolean, again: () => void = () => {}): Promise<void> {
  for (let waited = 0; !done(); waited += 10) {
    if (waited > 5_000) throw new Error('it did not come to pass')
    if (waited % 200 === 0) again()
    await setTimeout(10)
  }
}
