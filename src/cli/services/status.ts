import { getStatus } from '../../control/client.ts'
import type { InstanceStatus, Status } from '../../control/messages.ts'
import { EXIT, type ExitCode } from '../../shared/errors.ts'
import { illServices, isAlone } from '../status-facts.ts'

/** What `haup status` says and how it exits (docs/exit-codes.md; monitoring counts on it). */
export async function readStatus(runDir: string): Promise<{ readonly status: Status; readonly exitCode: ExitCode }> {
  const status = await getStatus(runDir)
  return { status, exitCode: exitCodeOf(status) }
}

/** The worst that is so of any instance. PURE. */
export function exitCodeOf({ instances, services }: Status): ExitCode {
  if (instances.some(({ gate }) => gate === 'closed')) return EXIT.gateClosed
  if (instances.some((each) => each.state === 'FAULT' || isDark(each) || isIll(each, services))) return EXIT.negative
  return instances.some(isAlone) ? EXIT.noRedundancy : EXIT.ok
}

/** An engine that has just started, or is about to claim, knows of no holder for a moment. */
const SETTLED_AFTER = 10

const isDark = ({ holder, since_seconds: since }: InstanceStatus): boolean => holder === null && since >= SETTLED_AFTER

/** It holds, and what clients come for does not work: it is the last one that could, or a repair is under way. */
const isIll = (instance: InstanceStatus, services: Status['services']): boolean =>
  instance.state === 'MASTER' && (instance.faults.length > 0 || illServices(instance, services).length > 0)
