import { sendControl } from '../../control/client.ts'
import { refused } from './failover.ts'
import { onceStarted } from './once-started.ts'

/** Makes the running engine read its configuration again; returns what changed, in words. Throws UserError. */
export async function requestReload(runDir: string): Promise<readonly string[]> {
  const response = await onceStarted(() => sendControl(runDir, { kind: 'reload' }))
  if (!response.ok) throw refused(response)
  if (!('changes' in response)) throw new Error('the engine answered another question')
  return response.changes
}
