import { fromMillis, type Micros, micros, plus, ZERO } from '../../shared/units.ts'
import type { PeerFacts, PeerInstance } from '../peer/types.ts'
import type { ChannelPlan, Spoken } from './peer-types.ts'
import type { EngineEvent, EngineState } from './types.ts'
import { HASTE, isAdvertAnswered } from './vote-pace.ts'

/** Which instances an event asks to be told of, out of their turns, and when. PURE. */

const JUST_TOLD = fromMillis(1)
/** So many instances go into one datagram. */
export const ONE_DATAGRAM = 4
const TOGETHER_FOR = fromMillis(3)

type Rows = Spoken['rows']

/**
 * Whoever has heard nothing of us, or is heard again, is told all at once: it has little time to acknowledge something before
 * whoever holds closes its gate. A holder's word of an instance is acknowledged at once: its gate stays open for as long as
 * can be, and what `status` shows of us is as fresh as its own.
 */
export function answersTo(
  channel: ChannelPlan,
  before: EngineState,
  state: EngineState,
  event: EngineEvent,
  rows: Rows,
): readonly (readonly [name: string, at: Micros])[] {
  const { now } = event
  // What fits into no datagram comes in several: all of it is answered together.
  const at = rows.size > ONE_DATAGRAM ? plus(now, TOGETHER_FOR) : now
  const soon = (name: string): Micros => micros(Math.max(at, plus(rows.get(name)?.saidAt ?? ZERO, HASTE)))
  // What it has just been told counts: a life is met by a report, too.
  const isTold = (name: string): boolean => now - (rows.get(name)?.saidAt ?? ZERO) < JUST_TOLD
  if (event.kind === 'peer-met') return rows.names.list.flatMap((name) => (isTold(name) ? [] : [[name, now] as const]))
  if (event.kind === 'advert') return isAdvertAnswered(state, event) ? [[event.instance, soon(event.instance)]] : []
  if (event.kind !== 'peer-heard') return []
  const facts = before.peers.get(event.node)
  const heardAt = facts?.heardAt
  if (heardAt === undefined || now - heardAt > 2 * event.report.every) return rows.names.list.map((name) => [name, now])
  return event.report.instances.flatMap((says): [string, Micros][] => {
    const { name } = says
    if (isAsked(says, facts, state)) return [[name, soon(name)]]
    if (!says.holding) return []
    if (state.instances.get(name)?.router.phase.kind !== 'master') return [[name, soon(name)]]
    // Two that are both active do not answer each other without end.
    return now - (rows.get(name)?.saidAt ?? ZERO) >= channel.every / 4 ? [[name, now]] : []
  })
}

/** A holder is asked for leave. Once for each question: who goes on asking has its answer, and is told in its turn. */
const isAsked = ({ name, claim }: PeerInstance, before: PeerFacts | undefined, { instances }: EngineState): boolean =>
  claim !== undefined && before?.instances.get(name)?.says.claim !== claim && instances.get(name)?.peer.holding === true
