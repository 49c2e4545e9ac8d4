import { earliest, type Micros, micros, plus } from '../../shared/units.ts'
import { masterDownInterval, skew } from './timing.ts'
import type { HeardMaster, Phase, Priority, RouterConfig, RouterEvent, RouterState } from './types.ts'
import { LAST_RESORT, OWNER } from './types.ts'

/** The arithmetic of `transition`: how deadlines are set, and which masters a backup follows. */

export type BackupPhase = Extract<Phase, { kind: 'backup' }>
export type MasterPhase = Extract<Phase, { kind: 'master' }>
type AdvertEvent = Extract<RouterEvent, { kind: 'advert' }>

/** Extra adverts to lower masters are at least interval / ANSWERS apart. */
const ANSWERS = 4

/**
 * Master_Down_Timer, or Skew_Time after a release, counted from `armedAt`; overdue means now. After a release a router
 * with LAST_RESORT waits one interval longer than whoever released: when no node can serve, the address stays where it is.
 */
export function armBackup(
  config: RouterConfig,
  state: RouterState,
  arming: Pick<BackupPhase, 'armedAt' | 'armedBy' | 'preemptAt'>,
  now: Micros,
): BackupPhase {
  const { armedAt, armedBy, preemptAt } = arming
  const due = plus(armedAt, waitFor(config, state, armedBy))
  return { kind: 'backup', masterDownAt: due < now ? now : due, armedAt, armedBy, preemptAt }
}

function waitFor(config: RouterConfig, state: RouterState, armedBy: BackupPhase['armedBy']): Micros {
  const { version } = config
  const { priority, masterInterval } = state
  if (armedBy !== 'release') return masterDownInterval(version, priority, masterInterval)
  if (priority !== LAST_RESORT) return skew(version, priority, masterInterval)
  const longer = micros(Math.max(masterInterval, state.master?.interval ?? 0))
  return plus(masterDownInterval(version, priority, longer), longer)
}

/**
 * The running Master_Down_Timer under a changed priority. A master that was discarded as lower may be an acceptable one
 * now: then the timer counts from its last advert, as if it had been accepted.
 */
export function rearmBackup(config: RouterConfig, state: RouterState, phase: BackupPhase, now: Micros): RouterState {
  const { master } = state
  const discarded = master !== undefined && master.heardAt > phase.armedAt ? master : undefined
  const verdict = discarded && judge(config, state, phase, discarded.priority, now)
  if (discarded === undefined || verdict?.accepted !== true) {
    return { ...state, phase: armBackup(config, state, phase, now) }
  }
  const followed: RouterState = { ...state, masterInterval: learnedInterval(config, discarded.interval) }
  const arming = { armedAt: discarded.heardAt, armedBy: 'advert' as const, preemptAt: verdict.preemptAt }
  return { ...followed, phase: armBackup(config, followed, arming, now) }
}

/** Whether a backup follows a master of priority `theirs` (1..255), and until when it tolerates a lower one. */
export function judge(
  config: RouterConfig,
  state: RouterState,
  phase: BackupPhase,
  theirs: Priority,
  now: Micros,
): { readonly accepted: boolean; readonly preemptAt: Micros | undefined } {
  if (theirs >= state.priority) return { accepted: true, preemptAt: undefined }
  // The owner always preempts (RFC 9568 6.1), and a master with LAST_RESORT asks for it.
  if (state.priority === OWNER || theirs === LAST_RESORT) return { accepted: false, preemptAt: phase.preemptAt }
  if (!config.preempt) return { accepted: true, preemptAt: undefined }
  if (config.preemptDelay === 0) return { accepted: false, preemptAt: undefined }
  const preemptAt = phase.preemptAt ?? plus(now, config.preemptDelay)
  return { accepted: now < preemptAt, preemptAt }
}

/** At the start of a mastership: the first advert and the first round of announcements are being sent now. */
export const enterMaster = (config: RouterConfig, now: Micros): MasterPhase => ({
  kind: 'master',
  advertAt: plus(now, config.advertInterval),
  announceAt: roundAfter(config, 1, now),
  announced: 1,
  answerAt: now,
  releaseAt: now,
})

/** Adver_Timer after an advert. One that was pulled forward for a lower master was its answer. */
export const rearmMaster = (config: RouterConfig, phase: MasterPhase, now: Micros): MasterPhase => ({
  ...phase,
  advertAt: plus(now, config.advertInterval),
  answerAt: phase.advertAt === phase.answerAt ? plus(now, answerGap(config)) : phase.answerAt,
})

/**
 * What a lower master gets: an advert and the announcements all over again, at once, or as soon as the last answer is
 * old enough. A release does not wait for that (RFC 9568 6.4.3), once an interval: backups have set Skew_Time.
 */
export function answer(
  config: RouterConfig,
  phase: MasterPhase,
  priority: Priority,
  now: Micros,
): { phase: MasterPhase; atOnce: boolean } {
  const { answerAt, releaseAt } = phase
  const isRelease = priority === 0 && now >= releaseAt
  if (now >= answerAt || isRelease) {
    const answered = { ...enterMaster(config, now), answerAt: plus(now, answerGap(config)) }
    return {
      phase: { ...answered, releaseAt: isRelease ? plus(now, config.advertInterval) : releaseAt },
      atOnce: true,
    }
  }
  const advertAt = micros(Math.min(phase.advertAt, answerAt))
  return {
    phase: { ...phase, advertAt, announceAt: earliest(phase.announceAt, answerAt), announced: 0 },
    atOnce: false,
  }
}

/** A round is due at its time, or with an advert when it is a repetition that would follow within half an interval. */
export function isAnnouncementDue(config: RouterConfig, phase: MasterPhase, now: Micros): boolean {
  const { announceAt, announced, advertAt } = phase
  if (announceAt === undefined || now >= announceAt) return announceAt !== undefined
  const isRepetition = announced >= config.announceAt.length
  return isRepetition && now >= advertAt && announceAt - now <= config.advertInterval / 2
}

const answerGap = (config: RouterConfig): Micros => micros(config.advertInterval / ANSWERS)

/** When round number `announced` (from 0) is due, the one before it being sent now; undefined when there is none. */
export function roundAfter({ announceAt, announceRefresh }: RouterConfig, announced: number, now: Micros) {
  const [previous, next] = [announceAt[announced - 1], announceAt[announced]]
  if (previous !== undefined && next !== undefined) return plus(now, micros(Math.max(0, next - previous)))
  return announceRefresh > 0 ? plus(now, announceRefresh) : undefined
}

/**
 * Active_Adver_Interval from an advert, within what the configuration allows: anybody can send any number. In v2 all have
 * the same (RFC 3768 7.1).
 */
export function learnedInterval({ version, advertInterval, learns }: RouterConfig, theirs: Micros): Micros {
  if (version === 2) return advertInterval
  return micros(Math.min(learns.longest, Math.max(learns.shortest, theirs)))
}

export const heardFrom = (config: RouterConfig, { from, advert, now }: AdvertEvent): HeardMaster => ({
  address: from,
  priority: advert.priority,
  interval: learnedInterval(config, advert.interval),
  heardAt: now,
})

/** Who released: the master we know, with the priority it had, or a stranger. */
export const releasedBy = (config: RouterConfig, { master }: RouterState, event: AdvertEvent): HeardMaster =>
  master?.address === event.from ? master : heardFrom(config, event)
