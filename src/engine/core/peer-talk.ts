import { fromMillis, type Micros, micros, plus, ZERO } from '../../shared/units.ts'
import type { PeerService } from '../peer/types.ts'
import { instancesOf, MARK } from './instance-table.ts'
import { answersTo, ONE_DATAGRAM } from './peer-answers.ts'
import { essence, headReport, instanceReport, isOnStandby, serviceReport } from './peer-report.ts'
import type { ChannelPlan, Spoken, SpokenRow } from './peer-types.ts'
import { indexOf } from './plan-index.ts'
import { spread, TOGETHER } from './spread.ts'
import { Table } from './table.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, NodePlan } from './types.ts'
import { askAt, HASTE } from './vote-pace.ts'

/**
 * When this node says something to the others. PURE. Each instance has its own turn, and comes out of turn when something has
 * changed that others act on, when it is asked for, and when its votes run out; what is due together goes together. Many
 * instances have their turns spread over the interval, so that neither side has to work on all of them at once.
 */

const ANSWERING = 1.2
/** A claim that nobody answers is no reason to hurry for longer. */
const HASTE_FOR = fromMillis(500)
/** What has its turn within so much of an interval goes along with what is said anyway. */
const SOON = 1 / 8

/** What an event has touched. */
export type Touched = {
  readonly instances: readonly InstancePlan[]
  /** With another verdict. */
  readonly services: readonly string[]
}

type Talk = { readonly talk: EngineState['talk']; readonly actions: readonly EngineAction[] }

export function talk(
  plan: NodePlan,
  before: EngineState,
  state: EngineState,
  event: EngineEvent,
  touched: Touched,
): Talk {
  const { channel } = plan
  if (channel === undefined) return { talk: undefined, actions: [] }
  const { now } = event
  const said = spokenFor(plan, state, now)
  const head = headOf(plan, channel, before, state)
  const rows = withAnswers(channel, before, state, event, withNews(said.rows, touched, state, event))
  const isNews = head !== said.head || touched.services.length > 0
  const due = rows.dueBy(now)
  if (!isNews && due.length === 0) return { talk: rows === said.rows ? said : { ...said, rows }, actions: [] }
  const names = [...due, ...alongWith(due, rows, channel, state, now)]
  return sayNow({ plan, channel, state, event, touched }, { ...said, head, rows }, names)
}

/** What was said so far; what a plan has brought is due. */
function spokenFor(plan: NodePlan, state: EngineState, now: Micros): Spoken {
  const { talk: said } = state
  if (said !== undefined && said.plan === plan) return said
  const due = plan.instances.map(({ name }) => [name, { ...UNSAID, nextAt: now }] as const)
  const services = plan.services.map(({ name }) => [name, now] as const)
  return {
    plan,
    head: said?.head ?? '',
    rows: rowTable(due),
    services: Table.of(services, (dueAt) => ({ dueAt, marks: 0 })),
  }
}

const UNSAID: Omit<SpokenRow, 'nextAt'> = { said: undefined, saidAt: ZERO, asksAt: undefined }

const rowTable = (rows: Iterable<readonly [string, SpokenRow]>): Table<SpokenRow> =>
  Table.of(rows, ({ nextAt, asksAt }) => ({
    dueAt: asksAt === undefined ? nextAt : micros(Math.min(nextAt, asksAt)),
    marks: 0,
  }))

/** What others act on, of the node as a whole. */
function headOf(plan: NodePlan, channel: ChannelPlan, before: EngineState, state: EngineState): string {
  const isSame =
    before.follows === plan && before.stopping === state.stopping && isOnStandby(before) === isOnStandby(state)
  if (isSame && state.talk !== undefined) return state.talk.head
  return JSON.stringify(headReport(plan, channel, state))
}

type Rows = Table<SpokenRow>

/** An instance of which others would act otherwise now is told of at once. */
function withNews(rows: Rows, { instances }: Touched, state: EngineState, event: EngineEvent): Rows {
  const { now, kind } = event
  let next = rows
  for (const instance of instances) {
    const row = next.get(instance.name)
    if (row === undefined) continue
    const isNews = essence(instanceReport(instance, state, now)) !== row.said
    // Votes come with reports.
    const asksAt = kind === 'peer-heard' ? askAt(instance, state, row.saidAt, now) : row.asksAt
    const nextAt = isNews ? now : row.nextAt
    if (nextAt !== row.nextAt || asksAt !== row.asksAt) next = next.with(instance.name, { ...row, nextAt, asksAt })
  }
  return next
}

/** What was heard may ask for an answer. */
function withAnswers(channel: ChannelPlan, before: EngineState, state: EngineState, event: EngineEvent, rows: Rows) {
  let next = rows
  for (const [name, at] of answersTo(channel, before, state, event, rows)) {
    const row = next.get(name)
    if (row !== undefined && at < row.nextAt) next = next.with(name, { ...row, nextAt: at })
  }
  return next
}

/** The turns of others that are near, unless they go with their adverts. */
function alongWith(
  due: readonly string[],
  rows: Rows,
  { every }: ChannelPlan,
  { instances }: EngineState,
  now: Micros,
): readonly string[] {
  if (due.length === 0 || due.length >= TOGETHER) return []
  const near = rows
    .dueBy(plus(now, micros(SOON * every)))
    .filter((name) => !due.includes(name) && instances.get(name)?.router.phase.kind !== 'master')
  return near.slice(0, TOGETHER - due.length)
}

type Speaking = {
  readonly plan: NodePlan
  readonly channel: ChannelPlan
  readonly state: EngineState
  readonly event: EngineEvent
  readonly touched: Touched
}

function sayNow(speaking: Speaking, spoken: Spoken, names: readonly string[]): Talk {
  const { plan, channel, state, event, touched } = speaking
  const { now } = event
  const heads = [...state.peers.values()].flatMap(({ head }) =>
    head === undefined || head.leaving ? [] : [head.every],
  )
  const every = micros(Math.min(channel.every, ...heads))
  let { rows } = spoken
  const instances = names.flatMap((name, place) => {
    const instance = indexOf(plan).instances.get(name)
    const report = instance && instanceReport(instance, state, now)
    if (instance === undefined || report === undefined) return []
    const pause = spread(pauseOf(instance, state, every), place, names.length)
    const nextAt = isHasty(instance, state, now)
      ? plus(now, hasteOf(state))
      : withAdvert(instance, state, now, plus(now, pause))
    rows = rows.with(name, { said: essence(report), saidAt: now, nextAt, asksAt: askAt(instance, state, now, now) })
    return [report]
  })
  const { services, told } = tellServices(spoken.services, touched.services, state, every, now)
  const report = { ...headReport(plan, channel, state), instances, services: told }
  const says: EngineAction = { kind: 'say', nodes: channel.peers, report }
  // Others wait for the word that addresses are gone: it is said twice, in case one of them is lost.
  const isTwice = state.stopping || event.kind === 'let-go'
  return { talk: { ...spoken, rows, services }, actions: isTwice ? [says, says] : [says] }
}

/** Those that have changed, and those whose turn it is. Only people read of them: many come round more slowly. */
function tellServices(
  before: Spoken['services'],
  changed: readonly string[],
  state: EngineState,
  every: Micros,
  now: Micros,
): { readonly services: Spoken['services']; readonly told: readonly PeerService[] } {
  const nextAt = plus(now, micros(every * Math.ceil(before.size / TOGETHER)))
  let services = before
  const told = [...new Set([...before.dueBy(now), ...changed])].flatMap((name) => {
    const service = state.services.get(name)
    services = services.with(name, nextAt)
    return service === undefined ? [] : [serviceReport(name, service)]
  })
  return { services, told }
}

/**
 * As often as the node that wants it most often, because what it acknowledges keeps a gate open for as long as it waits; also
 * when it is not heard, as it may hear us. Who answers a holder's reports does not come before them with reports of its own.
 */
function pauseOf({ name }: InstancePlan, { peers, instances }: EngineState, every: Micros): Micros {
  if (instances.get(name)?.peer.holding === true) return every
  const isAnswering = [...peers.values()].some(
    (facts) => facts.head?.leaving !== true && facts.instances.get(name)?.says.holding === true,
  )
  return isAnswering ? micros(ANSWERING * every) : every
}

/**
 * A holder's report goes out with an advert: who hears neither any more waits for both, and so for no longer than VRRP
 * wants.
 */
function withAdvert({ name, router }: InstancePlan, state: EngineState, now: Micros, at: Micros): Micros {
  const phase = state.instances.get(name)?.router.phase
  if (phase?.kind !== 'master' || phase.advertAt > at) return at
  const later = Math.floor((at - phase.advertAt) / router.advertInterval) * router.advertInterval
  const advertAt = plus(phase.advertAt, micros(later))
  return advertAt > now ? advertAt : at
}

function isHasty({ name }: InstancePlan, { instances }: EngineState, now: Micros): boolean {
  const peer = instances.get(name)?.peer
  if (peer?.move !== undefined && peer.move.step !== 'queued') return true
  return peer?.claim !== undefined && now - peer.claim.since < HASTE_FOR
}

/** While something is being agreed on, a lost report costs no more than this; the more there is of it, the more patient. */
function hasteOf(state: EngineState): Micros {
  const busy = instancesOf(state).marked(MARK.moves | MARK.claims).length
  return micros(HASTE * Math.max(1, busy / ONE_DATAGRAM))
}

/** Instances are told of as often as the fastest adverts, within these bounds. */
export const reportEvery = (fastest: Micros): Micros => micros(Math.min(1_000_000, Math.max(100_000, fastest)))
