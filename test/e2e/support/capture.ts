import { join } from 'node:path'
import { type LabProcess, startProcess } from '../../../src/lab/process.ts'
import { type Host, INTERFACE } from '../../../src/lab/topology.ts'

/** tcpdump as the witness of every advert on the LAN, one line each (`vrid 77, prio 150`); resolves when it listens. */
export async function startCapture(host: Host, labDirectory: string): Promise<LabProcess> {
  const argv = ['tcpdump', '-i', INTERFACE, '-n', '-l', '-tt', '--immediate-mode', 'ip proto 112']
  const capture = startProcess({
    name: `tcpdump on ${host.name}`,
    namespace: host.namespace,
    argv,
    logFile: join(labDirectory, `tcpdump-${host.name}.log`),
  })
  await capture.log.until(/listening on/)
  return capture
}
