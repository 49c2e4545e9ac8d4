import type { Warning } from '../control/messages.ts'
import type { Ipv4 } from '../shared/ip.ts'
import type { Log } from '../shared/log.ts'
import type { Result } from '../shared/result.ts'
import type { Micros } from '../shared/units.ts'
import type { InstancePlan } from './core/types.ts'
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
  /** Whether the kernel has the gate; said whenever it was made, or could not be. */
  readonly onReady: (ready: boolean) => void
  readonly onBug: (thrown: unknown) => void
}

export function createGateKeeper({ gate, log, onReady, onBug }: GateKeeperOptions): GateKeeper {
  let owners: readonly GateOwner[] = []
  let fenced: ReadonlySet<string> = new Set()
  let problem: Warning | undefined
  let last: Promise<unknown> = Promise.resolve()
  let ended = false

  const inTurn = (action: () => Promise<void>): Promise<void> => {
    const turn = last.then(action)
    last = turn.catch(() => undefined)
    return turn
  }
  const report = (next: Warning | undefined): void => {
    if (next !== undefined && next.message !== problem?.message) log({ level: 'error', subject: 'haup', ...next })
    problem = next
  }
  const prepare = async (): Promise<void> => {
    const prepared = await gate.prepare(owners)
    if (!prepared.ok) report(unfenced('gate.failed', prepared.error))
    else if (prepared.value.kind === 'unsupported') report(unfenced('gate.unsupported', prepared.value.reason))
    else report(undefined)
    onReady(problem === undefined)
  }
  const remove = async (take: () => Promise<Result<void, string>>): Promise<void> => {
    const removed = await take()
    if (!removed.ok) log({ level: 'error', subject: 'haup', code: 'gate.remove', message: removed.error })
  }
  const putBack = async (what: string): Promise<void> => {
    if (ended || owners.length === 0) return
    log({ level: 'warn', subject: 'haup', code: 'gate.changed', message: `somebody changed the gate: ${what}` })
    await prepare()
    if (problem !== undefined) return
    log({ level: 'info', subject: 'haup', code: 'gate.restored', message: 'the gate is as it was' })
  }
  gate.onForeignChange((what) => void inTurn(() => putBack(what)).catch(onBug))

  return {
    fence: (instances) =>
      inTurn(async () => {
        const next = ownersOf(instances)
        if (JSON.stringify(next) === JSON.stringify(owners) && problem === undefined && next.length > 0) return
        owners = next
        fenced = new Set(next.map(({ owner }) => owner))
        if (owners.length > 0) return prepare()
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
        await remove(() => gate.retire(keepClosed))
      }),
  }
}

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
