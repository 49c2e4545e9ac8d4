import { getStatus } from '../../control/client.ts'
import type { Status } from '../../control/messages.ts'
import { EXIT, type ExitCode } from '../../shared/errors.ts'

/** What `haup status` says and how it exits: 3 while an instance is in FAULT (monitoring counts on it). */
export async function readStatus(runDir: string): Promise<{ readonly status: Status; readonly exitCode: ExitCode }> {
  const status = await getStatus(runDir)
  const faulty = status.instances.some(({ state }) => state === 'FAULT')
  return { status, exitCode: faulty ? EXIT.negative : EXIT.ok }
}
