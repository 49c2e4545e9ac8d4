import { sendControl } from '../../control/client.ts'
import type { ControlRequest } from '../../control/messages.ts'
import { exitCodeOf, type FailoverResult, readHold, refused } from './failover.ts'
import { onceStarted } from './once-started.ts'

/** This node is to hold nothing, until `hold` has passed (as typed: `10m`) or `haup resume`. Throws UserError. */
export const requestStandby = async (runDir: string, hold: string | undefined): Promise<FailoverResult> =>
  ask(runDir, { kind: 'standby', hold_ms: readHold(hold) })

/** It takes part again, with all its instances. Throws UserError. */
export const requestResume = (runDir: string): Promise<FailoverResult> => ask(runDir, { kind: 'resume' })

async function ask(runDir: string, request: ControlRequest): Promise<FailoverResult> {
  const response = await onceStarted(() => sendControl(runDir, request))
  if (!response.ok) throw refused(response)
  if (!('outcomes' in response)) throw new Error('the engine answered another question')
  return { outcomes: response.outcomes, exitCode: exitCodeOf(response.outcomes) }
}
