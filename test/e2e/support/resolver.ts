import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from '../../../src/lab/lab.ts'
import { type LabProcess, startProcess } from '../../../src/lab/process.ts'

/** A resolver that all boxes of a lab use, which can be made to hang: it swallows queries. */
export type Resolver = {
  readonly hang: () => Promise<void>
  readonly recover: () => Promise<void>
  /** Removes what told the boxes of it. */
  readonly forget: () => Promise<void>
}

/** On the host `resolver`; every name leads to `answer`. Before the engines start: they see the file as it was then. */
export async function startResolver(lab: Lab, answer: string): Promise<Resolver> {
  const { namespace, address } = lab.host('resolver')
  const argv = [process.execPath, join(import.meta.dirname, 'resolver-process.ts'), address, answer]
  const running = startProcess({ name: 'resolver', namespace, argv, logFile: join(lab.directory, 'resolver.log') })
  await running.log.until(/answers/)
  const folders = lab.boxes.map(({ host }) => `/etc/netns/${host.namespace}`)
  for (const folder of folders) {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'resolv.conf'), `nameserver ${address}\n`)
  }
  return {
    hang: () => tell(running, 'SIGUSR2', /swallows/),
    recover: () => tell(running, 'SIGUSR1', /answers/),
    forget: async () => {
      for (const folder of folders) await rm(folder, { recursive: true, force: true })
    },
  }
}

async function tell(running: LabProcess, signal: NodeJS.Signals, said: RegExp): Promise<void> {
  const after = running.log.position()
  running.signal(signal)
  await running.log.until(said, { after })
}
