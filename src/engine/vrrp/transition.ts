import { assertNever } from '../../shared/errors.ts'
import { compareIpv4 } from '../../shared/ip.ts'
import { type Micros, minus } from '../../shared/units.ts'
import { noticesAbout } from './notices.ts'
import {
  answer,
  armBackup,
  type BackupPhase,
  enterMaster,
  heardFrom,
  isAnnouncementDue,
  judge,
  learnedInterval,
  type MasterPhase,
  rearmBackup,
  rearmMaster,
  releasedBy,
  roundAfter,
} from './phases.ts'
import type { Cause, Priority, RouterAction, RouterConfig, RouterEvent, RouterState, Step } from './types.ts'
import { LAST_RESORT, OWNER } from './types.ts'

/**
 * The VRRP state machine of one router: RFC 9568 6.4 (RFC 3768 6.4 for v2), with all that changes a state in this file
 * and the arithmetic of timers in `phases.ts`. It reads no clock; deadlines are data (`nextDeadline`).
 *
 *   state       event                          actions, in order                                 next       RFC 9568
 *   INITIALIZE  startup, priority 255          send-advert bind announce                         MASTER     6.4.1
 *   INITIALIZE  startup                        -                                                 BACKUP     6.4.1
 *   INITIALIZE  advert, timer                  -                                                 INITIALIZE 6.4.1
 *   BACKUP      shutdown                       -                                                 INITIALIZE 6.4.2
 *   BACKUP      Master_Down_Timer              send-advert bind announce                         MASTER     6.4.2
 *   BACKUP      advert, priority 0             Master_Down_Timer = Skew_Time                     BACKUP     6.4.2
 *   BACKUP      advert, >= ours or tolerated   learn interval, Master_Down_Timer anew            BACKUP     6.4.2
 *   BACKUP      advert, lower                  discarded: Master_Down_Timer keeps running        BACKUP     6.4.2
 *   MASTER      shutdown                       unbind send-advert(0)                             INITIALIZE 6.4.3
 *   MASTER      resign                         unbind send-advert(0)                             BACKUP     -
 *   MASTER      lapse                          unbind                                            BACKUP     -
 *   BACKUP      take                           send-advert bind announce                         MASTER     -
 *   MASTER      hand-over                      -                                                 BACKUP     -
 *   MASTER      Adver_Timer                    send-advert                                       MASTER     6.4.3
 *   MASTER      advert, priority 0 or lower    send-advert announce                              MASTER     6.4.3
 *   MASTER      advert, higher, or equal from
 *               a higher address               unbind send-advert                                BACKUP     6.4.3
 *
 * A change of state begins with `state-change`; notices come last. House rules that go beyond or against the RFC:
 *  - Going down, the address is unbound before priority 0 is sent. The other order overlaps: a backup of priority 254 may
 *    claim within milliseconds.
 *  - A master's interval is learned within what the configuration allows (`learns`): anybody can send any number.
 *  - LAST_RESORT is how a master says that it cannot serve. A higher backup then preempts it, `nopreempt` and
 *    `preempt_delay` notwithstanding. `resign` with it keeps a box in the election for the case that nobody else is left.
 *    A backup with LAST_RESORT that hears priority 0 waits five intervals instead of Skew_Time, so that whoever resigned
 *    takes the address back when no node can serve. The price: it claims later after a stop, too.
 *  - `preempt_delay` as in keepalived: a lower master's adverts are accepted until the delay has run.
 *  - A repeated priority 0 does not start Skew_Time anew, or a flood of them would keep the address away.
 *  - A lower master (also in v2) is answered and the address announced anew, since clients may have its hardware address;
 *    the first time at once, again not before a quarter of our interval. Priority 0 is answered at once, once an interval.
 *  - A master that yields to a higher one says one last advert when its address is gone. The winner may never have heard
 *    of it (a partition that heals), while clients have the loser's hardware address: it answers by announcing the address.
 *  - Announcements that repeat go out together with adverts: a loser that yields to an advert leaves its clients behind.
 *  - A master that overslept lets go and listens (`lapse`), since somebody else may hold the address.
 *  - Timers may be served late: what is overdue happens once, and the next deadline counts from then.
 *  - An advert from our own address changes nothing, whatever it says.
 */
export function transition(config: RouterConfig, state: RouterState, event: RouterEvent): Step {
  switch (event.kind) {
    case 'startup':
      return startUp(config, state, event)
    case 'shutdown':
      return shutDown(state, event)
    case 'resign':
      return resign(config, state, event)
    case 'lapse':
      return lapse(config, state, event)
    case 'priority':
      return changePriority(config, state, event)
    case 'advert':
      return hear(config, state, event)
    case 'take':
      return take(config, state, event)
    case 'hand-over':
      return handOver(config, state, event)
    case 'timer':
      return expire(config, state, event)
    default:
      return assertNever(event)
  }
}

export const initialState = (config: RouterConfig, priority: Priority): RouterState => ({
  phase: { kind: 'initialize' },
  priority,
  masterInterval: config.advertInterval,
  master: undefined,
})

type EventOf<K extends RouterEvent['kind']> = Extract<RouterEvent, { kind: K }>

const stay = (state: RouterState, ...actions: RouterAction[]): Step => ({ state, actions })

const RELEASE: readonly RouterAction[] = [{ kind: 'unbind' }, { kind: 'send-advert', priority: 0 }]

/** Every change of state goes through here, so that each is told once with its cause. */
const move = (from: RouterState, to: RouterState, cause: Cause, actions: readonly RouterAction[] = []): Step => ({
  state: to,
  actions: [{ kind: 'state-change', from: from.phase.kind, to: to.phase.kind, cause }, ...actions],
})

function startUp(config: RouterConfig, state: RouterState, event: EventOf<'startup'>): Step {
  if (state.phase.kind !== 'initialize') return changePriority(config, state, { ...event, kind: 'priority' })
  if (event.priority === OWNER) return claim(config, { ...state, priority: OWNER }, event.now, { kind: 'owner' })
  const cause: Cause = { kind: 'startup', reason: event.reason }
  return move(state, listen(config, state, nonOwner(event.priority), event.now), cause)
}

/** BACKUP by our own decision: long enough for the slowest known master to be heard. */
function listen(config: RouterConfig, state: RouterState, priority: Priority, now: Micros): RouterState {
  const entered: RouterState = { ...state, priority, masterInterval: config.advertInterval }
  return {
    ...entered,
    phase: armBackup(config, entered, { armedAt: now, armedBy: 'entry', preemptAt: undefined }, now),
  }
}

function shutDown(state: RouterState, event: EventOf<'shutdown'>): Step {
  const { phase } = state
  if (phase.kind === 'initialize') return stay(state)
  const cause: Cause = { kind: 'shutdown', reason: event.reason }
  return move(state, { ...state, phase: { kind: 'initialize' } }, cause, phase.kind === 'master' ? RELEASE : [])
}

function resign(config: RouterConfig, state: RouterState, event: EventOf<'resign'>): Step {
  if (state.phase.kind !== 'master') return changePriority(config, state, { ...event, kind: 'priority' })
  const cause: Cause = { kind: 'resigned', reason: event.reason }
  return move(state, listen(config, state, nonOwner(event.priority), event.now), cause, RELEASE)
}

function lapse(config: RouterConfig, state: RouterState, event: EventOf<'lapse'>): Step {
  if (state.phase.kind !== 'master' || state.priority === OWNER) return stay(state)
  const cause: Cause = { kind: 'lapsed', reason: event.reason }
  return move(state, listen(config, state, state.priority, event.now), cause, [{ kind: 'unbind' }])
}

function take(config: RouterConfig, state: RouterState, event: EventOf<'take'>): Step {
  if (state.phase.kind !== 'backup') return stay(state)
  return claim(config, state, event.now, { kind: 'taken', reason: event.reason })
}

/** Without a word by VRRP, and still bound: the one that takes over says its advert, and the shell unbinds after it. */
function handOver(config: RouterConfig, state: RouterState, event: EventOf<'hand-over'>): Step {
  if (state.phase.kind !== 'master') return stay(state)
  const listening: RouterState = { ...state, masterInterval: config.advertInterval }
  const arming = { armedAt: event.now, armedBy: 'advert' as const, preemptAt: undefined }
  const cause: Cause = { kind: 'handed-over', reason: event.reason }
  return move(state, { ...listening, phase: armBackup(config, listening, arming, event.now) }, cause)
}

/** 255 is the owner's alone, 0 says "released": whatever tracking adds up to stays between. */
const nonOwner = (priority: Priority): Priority => Math.min(OWNER - 1, Math.max(LAST_RESORT, priority))

/** The next advert and the running Master_Down_Timer show the new priority; an owner's never changes. */
function changePriority(config: RouterConfig, state: RouterState, event: EventOf<'priority'>): Step {
  if (state.priority === OWNER) return stay(state)
  const changed: RouterState = { ...state, priority: nonOwner(event.priority) }
  return stay(state.phase.kind === 'backup' ? rearmBackup(config, changed, state.phase, event.now) : changed)
}

function hear(config: RouterConfig, state: RouterState, event: EventOf<'advert'>): Step {
  const { phase } = state
  if (phase.kind === 'initialize') return stay(state)
  if (event.from === config.source) {
    return stay(state, { kind: 'notice', notice: { kind: 'own-address-heard', from: event.from } })
  }
  const step =
    phase.kind === 'backup' ? hearAsBackup(config, state, phase, event) : hearAsMaster(config, state, phase, event)
  const notices = noticesAbout(config, state, event)
  return {
    state: step.state,
    actions: [...step.actions, ...notices.map((notice) => ({ kind: 'notice' as const, notice }))],
  }
}

function hearAsBackup(config: RouterConfig, state: RouterState, phase: BackupPhase, event: EventOf<'advert'>): Step {
  const { now, advert } = event
  if (advert.priority === 0) {
    if (phase.armedBy === 'release') return stay(state)
    const released: RouterState = { ...state, master: releasedBy(config, state, event) }
    return stay({
      ...released,
      phase: armBackup(config, released, { ...phase, armedAt: now, armedBy: 'release' }, now),
    })
  }
  const { accepted, preemptAt } = judge(config, state, phase, advert.priority, now)
  const heard: RouterState = { ...state, master: heardFrom(config, event) }
  if (!accepted) return stay({ ...heard, phase: { ...phase, preemptAt } })
  const followed: RouterState = { ...heard, masterInterval: learnedInterval(config, advert.interval) }
  return stay({ ...followed, phase: armBackup(config, followed, { armedAt: now, armedBy: 'advert', preemptAt }, now) })
}

function hearAsMaster(config: RouterConfig, state: RouterState, phase: MasterPhase, event: EventOf<'advert'>): Step {
  const { now, from, advert } = event
  const rank = advert.priority - state.priority || compareIpv4(from, config.source)
  if (rank < 0) {
    const master = advert.priority === 0 ? state.master : heardFrom(config, event)
    const { phase: next, atOnce } = answer(config, phase, advert.priority, now)
    const actions: RouterAction[] = [{ kind: 'send-advert', priority: state.priority }, { kind: 'announce' }]
    return stay({ ...state, master, phase: next }, ...(atOnce ? actions : []))
  }
  const masterInterval = learnedInterval(config, advert.interval)
  const yielded: RouterState = { ...state, masterInterval, master: heardFrom(config, event) }
  const next = armBackup(config, yielded, { armedAt: now, armedBy: 'advert', preemptAt: undefined }, now)
  const kind = advert.priority === state.priority ? 'tie-break' : 'higher-priority'
  const cause: Cause = { kind, from, priority: advert.priority }
  const farewell: RouterAction = { kind: 'send-advert', priority: state.priority }
  return move(state, { ...yielded, phase: next }, cause, [{ kind: 'unbind' }, farewell])
}

function expire(config: RouterConfig, state: RouterState, { now }: EventOf<'timer'>): Step {
  const { phase } = state
  switch (phase.kind) {
    case 'initialize':
      return stay(state)
    case 'backup':
      return now < phase.masterDownAt ? stay(state) : claim(config, state, now, whyClaim(state, phase, now))
    case 'master':
      return expireAsMaster(config, state, phase, now)
  }
}

function expireAsMaster(config: RouterConfig, state: RouterState, phase: MasterPhase, now: Micros): Step {
  const actions: RouterAction[] = []
  let next = phase
  if (now >= phase.advertAt) {
    actions.push({ kind: 'send-advert', priority: state.priority })
    next = rearmMaster(config, next, now)
  }
  if (isAnnouncementDue(config, phase, now)) {
    actions.push({ kind: 'announce' })
    next = { ...next, announced: phase.announced + 1, announceAt: roundAfter(config, phase.announced + 1, now) }
  }
  return stay({ ...state, phase: next }, ...actions)
}

function claim(config: RouterConfig, state: RouterState, now: Micros, cause: Cause): Step {
  const claimed: RouterState = { ...state, masterInterval: config.advertInterval, phase: enterMaster(config, now) }
  return move(state, claimed, cause, [
    { kind: 'send-advert', priority: state.priority },
    { kind: 'bind' },
    { kind: 'announce' },
  ])
}

/** Why a claim that is due at `now` would be made. */
export function whyClaim({ master }: RouterState, phase: BackupPhase, now: Micros): Cause {
  if (master !== undefined && master.heardAt > phase.armedAt) return { kind: 'preempted', from: master }
  if (phase.armedBy === 'release') return { kind: 'master-released', last: master }
  const last = phase.armedBy === 'entry' ? undefined : master
  return { kind: 'master-down', waited: minus(now, phase.armedAt), last }
}
