import { LACKS_DESCRIPTORS, lacksDescriptors, tellsOfDescriptors } from '../shared/descriptors.ts'
import type { Log } from '../shared/log.ts'
import type { ProbeResult } from './types.ts'

type Results = readonly ProbeResult[]

/**
 * What a round of probes found; in the place of one that failed while this engine has no descriptors left, the good one
 * before it: an engine that cannot look knows nothing against the server. Said as it begins and as it ends.
 */
export function createBlindness(log: Log, lacks: () => boolean = lacksDescriptors) {
  const good = new Map<string, Results>()
  const blind = new Set<string>()

  const say = (service: string, isBlind: boolean): void => {
    if (blind.has(service) === isBlind) return
    if (isBlind) blind.add(service)
    else blind.delete(service)
    const message = isBlind
      ? `cannot be looked at, what was found before counts: ${LACKS_DESCRIPTORS}; see LimitNOFILE= and /proc/sys/fs/file-nr`
      : 'can be looked at again'
    log({ level: isBlind ? 'error' : 'info', subject: service, code: 'service.blind', message })
  }
  return {
    judge: (service: string, found: Results): Results => {
      const bad = found.filter(({ ok }) => !ok)
      const isBlind = bad.length > 0 && (bad.some(({ detail }) => tellsOfDescriptors(detail)) || lacks())
      say(service, isBlind)
      const before = good.get(service)
      if (isBlind && before?.length === found.length) return before.map(unseen)
      if (bad.length === 0) good.set(service, found)
      else good.delete(service)
      return found
    },
    /** What was good before is so no more. */
    forget: (service: string): void => void good.delete(service),
  }
}

const UNSEEN = `cannot be looked at: ${LACKS_DESCRIPTORS}`

const unseen = (result: ProbeResult): ProbeResult => ({ ...result, detail: UNSEEN })
