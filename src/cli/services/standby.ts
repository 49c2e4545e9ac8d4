import { sendControl } from '../../control/client.ts'
import type { ControlRequest } from '../../control/messages.ts'
import { exitCodeOf, type FailoverResult, readHold, refused } from './failover.ts'
import { onceStarted } from './once-started.ts'

export type StandbyOptions = {
  readonly runDir: string
  /** As typed: `10m`; undefined = until `haup resume`. */
  readonly hold: string | undefined
  /** Not even when nobody else could serve. */
  readonly strict: boolean
  /** Let go also when it is known that nobody could take over. */
  readonly force: boolean
}

/** This node is to hold nothing. Throws UserError. */
export const requestStandby = async ({ runDir, hold, strict, force }: StandbyOptions): Promise<FailoverResult> =>
  ask(runDir, {
    kind: 'standby',
    hold_ms: readHold(hold),
    ...(strict ? { strict } : {}),
    ...(force ? { force } : {}),
  })

/** It takes part again, with all its instances. Throws UserError. */
export const requestResume = (runDir: string): Promise<FailoverResult> => ask(runDir, { kind: 'resume' })

async function ask(runDir: string, request: ControlRequest): Promise<FailoverResult> {
  const response = await onceStarted(() => sendControl(runDir, request))
  if (!response.ok) throw refused(response)
  if (!('outcomes' in response)) throw new Error('the engine answered another question')
  return { outcomes: response.outcomes, exitCode: exitCodeOf(response.outcomes) }
}
