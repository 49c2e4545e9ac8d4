import { setTimeout as delay } from 'node:timers/promises'
import type { Warning } from '../control/messages.ts'
import type { Ipv4 } from '../shared/ip.ts'
import type { Log } from '../shared/log.ts'
import type { Result } from '../shared/result.ts'
import { fromSeconds, type Micros } from '../shared/units.ts'
import type { Pace } from './core/bucket.ts'
import type { InstancePlan } from './core/types.ts'
import { createGateSayings } from './gate-sayings.ts'
import { limitLog } from './log-limit.ts'
import type { GateOwner, GatePort } from './ports.ts'

/** Keeps the gate as the plan wants it: made at the start, put back when somebody changes it, gone at the end. */
export type GateKeeper = {
  /** Resolves when these instances' addresses are fenced, or it has been said why not. */
  readonly fence: (instances: readonly InstancePlan[]) => Promise<void>
  /** How long an advert of the instance keeps its addresses open; undefined: they are not fenced. */
  readonly lease: (instance: InstancePlan) => Micros | undefined
  /** What `status` has to say about addresses that are not fenced. */
  readonly warnings: (instances: readonly InstancePlan[]) => readonly Warning[]
  /** `keepClosed`: addresses that this box has without haup stay closed, since another node may hold them. */
  readonly remove: (keepClosed: boolean) => Promise<void>
}

export type GateKeeperOptions = {
  readonly gate: GatePort
  readonly log: Log
  readonly now: () => Micros
  /** Whether the kernel has the gate; said whenever it was made, or could not be. */
  readonly onReady: (ready: boolean) => void
  readonly onBug: (thrown: unknown) => void
}

/** Between tries to put it back, as when somebody takes it away while it is made. They hold up what waits for the gate. */
const PAUSES_MS = [0, 10, 20, 40]
/** While it cannot be made, it is tried on. */
const RETRY_MS = 1_000
const LONGEST_RETRY_MS = 10_000

export function createGateKeeper({ gate, log, now, onReady, onBug }: GateKeeperOptions): GateKeeper {
  const sayings = createGateSayings(log, now)
  const failures = limitLog(log, now, FAILURES)
  let owners: readonly GateOwner[] = []
  let fenced: ReadonlySet<string> = new Set()
  let problem: Warning | undefined
  let last: Promise<unknown> = Promise.resolve()
  let ended = false
  /** Changes that wait to be answered: one answer does for all. */
  let changes: { what: string; times: number } | undefined
  let retry: NodeJS.Timeout | undefined
  let retryMs = RETRY_MS

  const inTurn = (action: () => Promise<void>): Promise<void> => {
    const turn = last.then(action)
    last = turn.catch(() => undefined)
    return turn
  }
  const report = (next: Warning | undefined): void => {
    if (next !== undefined && next.message !== problem?.message) failures({ level: 'error', subject: 'haup', ...next })
    problem = next
  }
  const prepare = async (pauses: readonly number[] = []): Promise<void> => {
    clearTimeout(retry)
    const prepared = await prepareAgain(gate, owners, pauses)
    const before = problem
    if (!prepared.ok) report(unfenced('gate.failed', prepared.error))
    else if (prepared.value.kind === 'unsupported') report(unfenced('gate.unsupported', prepared.value.reason))
    else report(undefined)
    if (problem === undefined || before === undefined) onReady(problem === undefined)
    if (problem?.code === 'gate.failed') tryLater()
    else retryMs = RETRY_MS
  }
  const tryLater = (): void => {
    retry = setTimeout(() => void inTurn(tryOnce).catch(onBug), retryMs).unref()
    retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)
  }
  const tryOnce = async (): Promise<void> => {
    if (ended || owners.length === 0 || problem === undefined) return
    await prepare()
    if (problem !== undefined) return
    sayings.restored()
    log({ level: 'info', subject: 'haup', code: 'gate.ready', message: 'the gate could be made: addresses are fenced' })
  }
  const remove = async (take: () => Promise<Result<void, string>>): Promise<void> => {
    const removed = await take()
    if (!removed.ok) log({ level: 'error', subject: 'haup', code: 'gate.remove', message: removed.error })
  }
  const putBack = async (): Promise<void> => {
    const found = changes
    changes = undefined
    if (ended || owners.length === 0 || found === undefined) return
    sayings.changed(found.what, found.times)
    await prepare(PAUSES_MS)
    if (problem === undefined) sayings.restored()
  }
  gate.onForeignChange((what) => {
    const isFirst = changes === undefined
    changes = { what, times: (changes?.times ?? 0) + 1 }
    if (isFirst) void inTurn(putBack).catch(onBug)
  })

  return {
    fence: (instances) =>
      inTurn(async () => {
        const next = ownersOf(instances)
        if (JSON.stringify(next) === JSON.stringify(owners) && problem === undefined && next.length > 0) return
        owners = next
        fenced = new Set(next.map(({ owner }) => owner))
        if (owners.length > 0) return prepare()
        clearTimeout(retry)
        // Nothing to fence: also what an earlier engine left must go.
        report(undefined)
        return remove(gate.remove)
      }),
    lease: (instance) => {
      const isFenced = problem === undefined && fenced.has(instance.name)
      return isFenced && instance.gate.kind === 'on' ? instance.gate.lease : undefined
    },
    warnings: (instances) => [
      ...(problem === undefined ? [] : [problem]),
      ...instances.filter(({ gate: { kind } }) => kind === 'off').map(describeOff),
    ],
    remove: (keepClosed) =>
      inTurn(async () => {
        ended = true
        clearTimeout(retry)
        sayings.close()
        await remove(() => gate.retire(keepClosed))
      }),
  }
}

async function prepareAgain(gate: GatePort, owners: readonly GateOwner[], pauses: readonly number[]) {
  let prepared = await gate.prepare(owners)
  for (const pause of pauses) {
    if (prepared.ok) break
    await delay(pause)
    prepared = await gate.prepare(owners)
  }
  return prepared
}

/** Failures of a box on which somebody changes the gate again and again. */
const FAILURES: Pace = { burst: 5, every: fromSeconds(60) }

const unfenced = (code: string, reason: string): Warning => ({
  code,
  message: `the addresses are not fenced, a hung engine may answer for them beside another node: ${reason}`,
})

const describeOff = ({ name }: InstancePlan): Warning => ({
  code: 'gate.off',
  message: `${name}: gate is off: a hung engine may answer for its addresses beside another node`,
})

/** An address is fenced for the first instance that has it: in a reload it may stand under two names for a moment. */
function ownersOf(instances: readonly InstancePlan[]): readonly GateOwner[] {
  const taken = new Set<string>()
  const owners = new Map<string, { readonly addresses: string[]; readonly asking: Ipv4 }>()
  for (const { name, gate, bindings, router } of instances) {
    if (gate.kind !== 'on') continue
    for (const { address } of bindings) {
      if (taken.has(address.address)) continue
      taken.add(address.address)
      const own = owners.get(name) ?? { addresses: [], asking: router.source }
      own.addresses.push(address.address)
      owners.set(name, own)
    }
  }
  return [...owners].map(([owner, rest]) => ({ owner, ...rest }))
}
