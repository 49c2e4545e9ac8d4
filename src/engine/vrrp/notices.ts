import { compareIpv4, type Ipv4 } from '../../shared/ip.ts'
import { learnedInterval } from './phases.ts'
import type { Notice, RouterConfig, RouterEvent, RouterState } from './types.ts'
import { OWNER } from './types.ts'

type AdvertEvent = Extract<RouterEvent, { kind: 'advert' }>

/** What is odd about an advert of another router, whatever else it leads to (RFC 9568 7.1, 8.3.2). */
export function noticesAbout(config: RouterConfig, state: RouterState, event: AdvertEvent): Notice[] {
  const { from, advert } = event
  const notices: Notice[] = []
  const rank = advert.priority - state.priority || compareIpv4(from, config.source)
  if (advert.priority === OWNER && state.priority === OWNER) notices.push({ kind: 'two-owners', from })
  else if (state.phase.kind === 'master' && rank < 0 && !isFarewell(config, state, event)) {
    notices.push({ kind: 'lower-master-heard', from, priority: advert.priority })
  }
  if (advert.interval !== config.advertInterval) {
    const [theirs, ours] = [advert.interval, config.advertInterval]
    notices.push({ kind: 'interval-differs', from, theirs, counted: learnedInterval(config, theirs), ours })
  }
  if (!sameSet(advert.addresses, config.addresses)) {
    notices.push({ kind: 'addresses-differ', from, theirs: advert.addresses })
  }
  return notices
}

/** The last word of the master that we have just taken over from. */
const isFarewell = (config: RouterConfig, { master }: RouterState, { from, now }: AdvertEvent): boolean =>
  master?.address === from && now - master.heardAt <= 2 * config.advertInterval

/** The order is no reason to complain. */
const sameSet = (a: readonly Ipv4[], b: readonly Ipv4[]): boolean => contains(a, b) && contains(b, a)

function contains(all: readonly Ipv4[], some: readonly Ipv4[]): boolean {
  const set = new Set(all)
  return some.every((address) => set.has(address))
}
