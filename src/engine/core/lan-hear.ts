import type { Ipv4 } from '../../shared/ip.ts'
import { fromSeconds, type Micros } from '../../shared/units.ts'
import { hearBeside, noteAnswer } from './lan-beside.ts'
import { hearReply } from './lan-doubt.ts'
import { isStranger, logIgnored, logStranger } from './lan-text.ts'
import { say } from './said.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/** What is remembered of what was heard. PURE. */

/** Adverts that go on for so long are not those of a claim whose report is on its way. */
const LASTING = fromSeconds(2)
const QUIET = fromSeconds(3)

/** Strangers: bounds what a sender of ever changing addresses makes us remember. Beyond it the oldest may be said again. */
const MOST_STRANGERS = 32

/** Whose adverts came, who holds the addresses, what answers a probe. A stranger with our VRID is said once. */
export function hearLan(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  stations: EngineState['stations'],
  event: EngineEvent,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  if (!('instance' in event) || event.instance !== plan.name) return { runtime, actions: [] }
  const { lan } = runtime
  if (event.kind === 'foreign-claim') {
    if (runtime.router.phase.kind === 'master')
      return { runtime: noteAnswer(plan, runtime, stations, event.mac, event.now), actions: [] }
    const heard = hearReply(plan, runtime, stations, { mac: event.mac, spoke: event.announced })
    const holder = event.announced ? event.mac : lan.holder
    return { runtime: { ...heard, lan: { ...heard.lan, holder } }, actions: [] }
  }
  if (event.kind === 'advert-ignored' && event.why !== 'foreign') return sayIgnored(plan, runtime, event)
  if (event.kind !== 'advert' && event.kind !== 'stranger' && event.kind !== 'advert-ignored')
    return { runtime, actions: [] }
  const isNew = !lan.heard.has(event.from) && isStranger(plan, event.from)
  const heard = remember(plan, lan.heard, event.from, event.now)
  const listened = { ...runtime, lan: { ...lan, heard } }
  const told = isNew ? sayStranger(plan, listened, event.from, event.now) : { runtime: listened, actions: [] }
  if (event.kind !== 'advert') return told
  const beside = hearBeside(plan, told.runtime, event.from, event.advert, event.now)
  return { runtime: beside.runtime, actions: [...told.actions, ...beside.actions] }
}

/** In the name of a node: said at a limited rate, as anybody can send them. */
function sayIgnored(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  { from, why, now }: Extract<EngineEvent, { kind: 'advert-ignored' }>,
) {
  const before = runtime.lan.contradicted
  const isSame = before !== undefined && now - before.at <= QUIET
  const contradicted = { since: isSame ? before.since : now, at: now }
  const noted = { ...runtime, lan: { ...runtime.lan, contradicted } }
  if (why === 'contradicted' && now - contradicted.since < LASTING) return { runtime: noted, actions: [] }
  const { said, line } = say(runtime.said.get('ignored'), `${from} ${why}`, now)
  const actions = line === undefined ? [] : [logIgnored(plan, from, why, line.more)]
  return { runtime: { ...noted, said: new Map(runtime.said).set('ignored', said) }, actions }
}

function sayStranger(plan: InstancePlan, runtime: InstanceRuntime, from: Ipv4, now: Micros) {
  const { said, line } = say(runtime.said.get('stranger'), from, now)
  const actions = line === undefined ? [] : [logStranger(plan, from, line.more)]
  return { runtime: { ...runtime, said: new Map(runtime.said).set('stranger', said) }, actions }
}

/** Only a stranger makes room for a stranger: when a node was heard last decides who lets go. */
function remember(
  plan: InstancePlan,
  heard: ReadonlyMap<Ipv4, Micros>,
  from: Ipv4,
  now: Micros,
): ReadonlyMap<Ipv4, Micros> {
  const next = new Map(heard)
  next.delete(from)
  next.set(from, now)
  const strangers = [...next.keys()].filter((each) => isStranger(plan, each))
  const [oldest] = strangers
  if (strangers.length > MOST_STRANGERS && oldest !== undefined) next.delete(oldest)
  return next
}

/** What the engine as a whole knows of ARP after an event. */
export function hearStations(
  { arp, stations }: EngineState,
  event: EngineEvent,
): Pick<EngineState, 'arp' | 'stations'> {
  if (event.kind === 'arp-ready') return { arp: event.ready, stations }
  if (event.kind !== 'neighbour' || stations.get(event.address) === event.mac) return { arp, stations }
  return { arp, stations: new Map(stations).set(event.address, event.mac) }
}
