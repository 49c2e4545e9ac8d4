import { type Micros, micros, toMillis } from '../shared/units.ts'
import { isHung } from './policy-rounds.ts'
import type { ProbeResult, ServiceConfig } from './types.ts'

type Results = readonly ProbeResult[]

export type Rounds = {
  /** The results of the next round: begun now, or before, when the one before it was late. */
  readonly next: (service: ServiceConfig) => Promise<Results>
  /** What was begun before is history: the server is another one now. */
  readonly forget: (service: string) => void
}

/**
 * Rounds of probes that overlap when there is no answer, so that a server that hangs is not waited for `fall` times in a
 * row: while a round is late the next one begins beside it, and is handed out when it is asked for. An answer drops it.
 */
export function overlapRounds(
  run: (service: ServiceConfig, hungAfter: Micros | undefined) => Promise<Results>,
): Rounds {
  const ahead = new Map<string, Promise<Results>[]>()
  /** How long the last good rounds took, of each service. */
  const times = new Map<string, readonly Micros[]>()

  const begin = (service: ServiceConfig, following: number): Promise<Results> => {
    const { name } = service
    const known = times.get(name) ?? []
    const hungAfter = suspectAfter(service, known)
    const patience = hungAfter === undefined ? service : { ...service, timeout: hungAfter }
    const after = following > 0 ? overlapAfter(patience, known.at(-1)) : undefined
    const queue = ahead.get(name) ?? []
    ahead.set(name, queue)
    const timer =
      after === undefined
        ? undefined
        : setTimeout(() => {
            if (ahead.get(name) === queue) queue.push(begin(service, following - 1))
          }, toMillis(after))
    return run(service, hungAfter).then((results) => {
      clearTimeout(timer)
      if (!isHung(service, results) && ahead.get(name) === queue) ahead.delete(name)
      const longest = micros(Math.max(0, ...results.map(({ took }) => took)))
      if (results.every(({ ok }) => ok)) times.set(name, [...(times.get(name) ?? []), longest].slice(-KNOWN))
      return results
    })
  }

  return {
    next: (service) => ahead.get(service.name)?.shift() ?? begin(service, service.fall - 1),
    forget: (name) => void ahead.delete(name),
  }
}

/** Good rounds that are remembered: what one that is loaded now and then has shown within a minute. */
const KNOWN = 60
/** Much sooner. */
const TIMES_SOONER = 10

/**
 * When a connection that the server has not accepted tells that it hangs: soon where all that is known of it came much
 * sooner; undefined: no sooner than with the timeout, since it may be slow. Pure.
 */
export function suspectAfter(
  { hungAfter, timeout }: Pick<ServiceConfig, 'hungAfter' | 'timeout'>,
  known: readonly Micros[],
): Micros | undefined {
  if (hungAfter >= timeout || known.length === 0) return undefined
  return Math.max(...known) * TIMES_SOONER <= hungAfter ? hungAfter : undefined
}

/**
 * How late a round must be for the next one to begin: as late as `fall` rounds may be that are to be over `fall` times
 * the timeout after the server hung, and a quarter of the timeout at least; never where an answer usually takes that long.
 * undefined: never, since a round with commands may be dear. Pure.
 */
export function overlapAfter(
  { probes, interval, timeout, fall }: ServiceConfig,
  usual: Micros = micros(0),
): Micros | undefined {
  if (fall < 2 || probes.some(({ kind }) => kind === 'command')) return undefined
  const after = Math.max(timeout - interval / (fall - 1), timeout / 4, 3 * usual)
  return after < timeout ? micros(Math.round(after)) : undefined
}
