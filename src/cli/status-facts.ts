import type { InstanceStatus, ServiceStatus, Status } from '../control/messages.ts'

/** What the first line of `haup status` and its exit code conclude alike from what the engine says. PURE. */

/** It is held, and it is known that no other node could take over. */
export const isAlone = ({ holder, candidates }: InstanceStatus): boolean =>
  holder !== null && candidates.length > 0 && candidates.every(({ readiness }) => readiness === 'unable')

/** What clients of an address that is held here come for, and what does not work; one bad answer makes no service ill. */
export const illServices = (
  { state, tracks }: InstanceStatus,
  services: Status['services'],
): readonly ServiceStatus[] =>
  state === 'MASTER' ? services.filter((each) => tracks.includes(each.name) && ILL.has(each.state)) : []

const ILL: ReadonlySet<ServiceStatus['state']> = new Set(['TESTING', 'RESTARTING', 'VERIFYING', 'FAILED'])
