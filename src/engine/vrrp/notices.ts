import { compareIpv4, type Ipv4 } from '../../shared/ip.ts'
import type { Notice, RouterConfig, RouterEvent, RouterState } from './types.ts'
import { OWNER } from './types.ts'

type AdvertEvent = Extract<RouterEvent, { kind: 'advert' }>

/** What is odd about an advert of another router, whatever else it leads to (RFC 9568 7.1, 8.3.2). */
export function noticesAbout(config: RouterConfig, state: RouterState, { from, advert }: AdvertEvent): Notice[] {
  const notices: Notice[] = []
  const rank = advert.priority - state.priority || compareIpv4(from, config.source)
  if (advert.priority === OWNER && state.priority === OWNER) notices.push({ kind: 'two-owners', from })
  else if (state.phase.kind === 'master' && rank < 0) {
    notices.push({ kind: 'lower-master-heard', from, priority: advert.priority })
  }
  if (advert.interval !== config.advertInterval) {
    notices.push({ kind: 'interval-differs', from, theirs: advert.interval, ours: config.advertInterval })
  }
  if (!sameSet(advert.addresses, config.addresses)) {
    notices.push({ kind: 'addresses-differ', from, theirs: advert.addresses })
  }
  return notices
}

/** The order is no reason to complain. */
const sameSet = (a: readonly Ipv4[], b: readonly Ipv4[]): boolean => contains(a, b) && contains(b, a)

function contains(all: readonly Ipv4[], some: readonly Ipv4[]): boolean {
  const set = new Set(all)
  return some.every((address) => set.has(address))
}
