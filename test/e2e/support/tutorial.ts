import assert from 'node:assert/strict'
import type { Box } from '../../../src/lab/box.ts'
import type { LabClient } from '../../../src/lab/client.ts'
import type { Lab } from '../../../src/lab/lab.ts'
import { monotonicMs } from '../../../src/lab/monotonic.ts'
import type { Finished } from '../../../src/lab/run.ts'
import { copyKey } from '../../../src/lab/set-up.ts'
import { anyStateChange, entered, heardAdverts, logged, untilHolders } from './pair.ts'

/** What the tutorials have in common: two boxes set up by flags alone, and what their reader tries out at the end. */

/** keepalived's name for an instance in every example. */
export const INSTANCE = 'VI_1'

/** `haup init` with these flags, and those that every box needs. */
export const runInit = (own: Box, peer: Box, flags: readonly string[]): Promise<Finished> =>
  own.haup(
    ...['init', '--yes', '--no-listen', '--config', own.configFile, '--instance', INSTANCE],
    ...['--node', own.name, '--address', own.host.address],
    ...['--peer', peer.name, '--peer-address', peer.host.address],
    ...flags,
  )

/** Sets both boxes up; resolves with what init said on the first. `flagsOf`: paths differ, since the boxes share one disk. */
export async function setUpPair(
  web1: Box,
  web2: Box,
  flagsOf: (box: Box) => readonly string[] | Promise<readonly string[]>,
): Promise<Finished> {
  const first = await runInit(web1, web2, await flagsOf(web1))
  assert.equal(first.code, 0, first.stderr)
  await copyKey(web1, web2)
  const second = await runInit(web2, web1, [...(await flagsOf(web2)), '--prefer', web1.name])
  assert.equal(second.code, 0, second.stderr)
  return first
}

/** web1 first, so that it is master also where nobody preempts. */
export async function startPair(web1: Box, web2: Box): Promise<void> {
  await web1.startEngine().log.until(entered('MASTER', INSTANCE))
  await web2.startEngine().log.until(entered('BACKUP', INSTANCE))
  await heardAdverts(web2, 1)
}

export type Stage = {
  readonly lab: Lab
  readonly client: LabClient
  /** Who has the address. */
  readonly holder: Box
  readonly other: Box
  /** What the client reads while a box has the address: the box's own name, or those of the servers behind it. */
  readonly answersOf: (box: Box) => readonly string[]
}

/** A planned move may cost this much: the skew of a low priority at one advert a second, and a loaded machine. */
const MOVE_LIMIT_MS = 1_500

/** haup stopped on the master: the address is on the other box, and the site answers there. */
export async function stopMaster({ lab, client, holder, other, answersOf }: Stage): Promise<void> {
  const [from, seen] = [monotonicMs(), other.engine().log.position()]
  assert.deepEqual(await holder.engine().stop(), { code: 0, signal: undefined })
  await other.engine().log.until(entered('MASTER', INSTANCE), { after: seen })
  await untilHolders(lab, [other.name])
  await client.servedBy(answersOf(other), monotonicMs())
  const view = await client.viewSince(from)
  assert.ok(view.outageMs < MOVE_LIMIT_MS, `moved: ${JSON.stringify(view)}`)
}

/** haup started again on the box that had the address: it takes it back, hardly noticed. */
export async function startAgain({ lab, client, holder, other, answersOf }: Stage): Promise<void> {
  const [from, seen] = [monotonicMs(), other.engine().log.position()]
  await holder.startEngine().log.until(entered('MASTER', INSTANCE))
  await other.engine().log.until(entered('BACKUP', INSTANCE), { after: seen })
  await untilHolders(lab, [holder.name])
  await client.servedBy(answersOf(holder), monotonicMs())
  const view = await client.viewSince(from)
  assert.ok(view.outageMs < MOVE_LIMIT_MS, `came back: ${JSON.stringify(view)}`)
}

/** The master's web server is killed: it is started again where it is. */
export async function killServer({ lab, client, holder, other, answersOf }: Stage): Promise<void> {
  const moves = () => [holder, other].map((box) => box.engine().log.count(anyStateChange))
  const [before, seen, old] = [moves(), holder.engine().log.position(), await holder.server.pid()]
  await holder.server.signal('SIGKILL')
  await holder.engine().log.until(logged('service.restart'), { after: seen })
  await client.servedBy(answersOf(holder), monotonicMs())
  const pid = await holder.server.pid()
  assert.ok(pid !== undefined && pid !== old, `pid ${pid}, it was ${old}`)
  assert.deepEqual(moves(), before, 'the address has not moved')
  await untilHolders(lab, [holder.name])
}

/** The master's web server dies with a broken configuration: the address moves, the log names file and line. */
export async function breakServer({ lab, client, holder, other, answersOf }: Stage): Promise<void> {
  const [own, others] = [holder.engine().log.position(), other.engine().log.position()]
  await holder.server.breakConfig()
  await holder.server.signal('SIGKILL')
  const told = await holder.engine().log.until(logged('service.failed.config'), { after: own })
  assert.match(told, /lisen/i)
  assert.ok(told.includes(holder.server.configFile), told)
  await other.engine().log.until(entered('MASTER', INSTANCE), { after: others })
  await untilHolders(lab, [other.name])
  await client.servedBy(answersOf(other), monotonicMs())
}

/** Somebody repairs it; resolves when the box's engine has logged `next`. */
export async function repairServer(box: Box, next: RegExp): Promise<void> {
  const seen = box.engine().log.position()
  await box.server.repairConfig()
  await box.server.start()
  await box.engine().log.until(next, { after: seen })
}
