import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { inNamespace } from '../../../src/lab/run.ts'
import { type Host, INTERFACE } from '../../../src/lab/topology.ts'
import { complete, createPcapReader } from './pcap.ts'

/** Records what passes a host's interface while something is done; whole frames, ready to be sent again. */
export async function record(
  host: Host,
  filter: string,
  meanwhile: () => Promise<unknown>,
): Promise<readonly Buffer[]> {
  const tcpdump = ['tcpdump', '-i', INTERFACE, '-U', '-w', '-', '--immediate-mode', '-s', '0', filter]
  const [file = '', ...args] = inNamespace(host.namespace, tcpdump)
  const capture = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const frames: Buffer[] = []
  capture.stdout.on(
    'data',
    createPcapReader((frame) => frames.push(complete(Buffer.from(frame)))),
  )
  const ended = once(capture, 'exit')
  // It says that it listens.
  await once(capture.stderr, 'data')
  capture.stderr.resume()
  try {
    await meanwhile()
  } finally {
    capture.kill()
    await ended
  }
  return frames
}
