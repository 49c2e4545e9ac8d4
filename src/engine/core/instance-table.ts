import { earliest, type Micros, ZERO } from '../../shared/units.ts'
import { guardianDeadline } from './guardian.ts'
import { awaitsAnswer, instanceDeadline } from './lan.ts'
import { summedUpAt } from './state-lines.ts'
import { type Summary, Table } from './table.ts'
import type { EngineState, InstanceRuntime } from './types.ts'

/** What the engine looks for among its instances without a walk over all of them. */
export const MARK = {
  /** A probe of the LAN is under way. */
  awaits: 1,
  /** The addresses are here, or may be. */
  holds: 2,
  /** A planned move that others are told of, either side. */
  moves: 4,
  movesOut: 8,
  claims: 16,
  /** Is not on standby. */
  serves: 32,
  /** Wants to know where other nodes are seen by ARP. */
  watches: 64,
  /** Is master. */
  active: 128,
  /** Is being handed over, and another one that waits for its turn. */
  handsOver: 256,
  queued: 512,
} as const

export const instanceTable = (entries: Iterable<readonly [string, InstanceRuntime]>): Table<InstanceRuntime> =>
  Table.of(entries, summarize)

/** The instances of a state, whoever made it. */
export const instancesOf = ({ instances }: Pick<EngineState, 'instances'>): Table<InstanceRuntime> =>
  instances instanceof Table ? instances : instanceTable(instances)

/** Whether any instance has one of these marks. */
export const isAny = (state: Pick<EngineState, 'instances'>, marks: number): boolean =>
  (instancesOf(state).summary.marks & marks) !== 0

const summarize = (runtime: InstanceRuntime): Summary => ({ dueAt: deadlineOf(runtime), marks: marksOf(runtime) })

/** When an instance has to be looked at again though nothing happens. */
function deadlineOf(runtime: InstanceRuntime): Micros | undefined {
  if (runtime.again) return ZERO
  let at = earliest(instanceDeadline(runtime), runtime.peer.wakeAt)
  at = earliest(at, runtime.hold?.until)
  at = earliest(at, runtime.bindFailure?.retryAt)
  at = earliest(at, summedUpAt(runtime))
  at = earliest(at, runtime.redundancy.dueAt)
  return earliest(at, guardianDeadline(runtime.guardian))
}

function marksOf(runtime: InstanceRuntime): number {
  const { peer, lan, hold } = runtime
  return (
    bit(awaitsAnswer(runtime), MARK.awaits) |
    bit(peer.holding, MARK.holds) |
    bit(peer.move !== undefined && peer.move.step !== 'queued', MARK.moves) |
    bit(peer.move?.side === 'out', MARK.movesOut) |
    bit(peer.move?.side === 'out' && HANDS_OVER.has(peer.move.step), MARK.handsOver) |
    bit(peer.move?.step === 'queued', MARK.queued) |
    bit(peer.claim !== undefined, MARK.claims) |
    bit(hold?.standby !== true, MARK.serves) |
    bit(runtime.router.phase.kind === 'master', MARK.active) |
    bit(lan.alone !== undefined || peer.died !== undefined || peer.doubts.size > 0, MARK.watches)
  )
}

const HANDS_OVER: ReadonlySet<string> = new Set(['offered', 'closing', 'closed'])

const bit = (is: boolean, mark: number): number => (is ? mark : 0)
