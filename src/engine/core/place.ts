import { formatPrefix, sameSubnet } from '../../shared/ip.ts'
import type { LinkState, SeenAddress } from '../ports.ts'
import type { InstancePlan } from './types.ts'

/**
 * Whether the box's own addresses are where an instance needs them: what `haup config check` says of the box, at any time
 * while the engine runs. PURE.
 *
 *   the address that adverts come from                 it means
 *   is on no interface                                 a fault
 *   is on another interface, the instance's is a port  without the channel a fault: others are not heard, and nobody else
 *     of a bridge or bond                              knows; with it misplaced
 *   is on another interface, the instance's has none   misplaced; without the channel a remark
 *   is on another interface, the instance's has one    a remark: boxes that check where a source comes from drop adverts
 *
 *   no other node's LAN, and the virtual addresses     misplaced
 *     do not belong to its own
 *   some other node's address is on no LAN of ours     a remark
 *
 * A *misplaced* node stands back for one that is not (peer-note.ts), and holds with a warning when there is none.
 */
export type Place = {
  /** All addresses of the box, as they were last reported; undefined: not yet. */
  readonly seen: readonly SeenAddress[] | undefined
  readonly fault: string | undefined
  readonly misplaced: string | undefined
  readonly remarks: readonly string[]
}

export const unknownPlace: Place = { seen: undefined, fault: undefined, misplaced: undefined, remarks: [] }

export function placeOf(
  plan: InstancePlan,
  seen: Place['seen'],
  links: ReadonlyMap<string, LinkState>,
  hasChannel: boolean,
): Place {
  if (seen === undefined) return unknownPlace
  const own = seen.filter((each) => !each.ours && !isVirtual(plan, each))
  const source = placeSource(plan, own, links.get(plan.interface)?.portOf, hasChannel)
  const lan = placeLan(plan, own)
  return {
    seen,
    fault: source.fault,
    misplaced: source.misplaced ?? lan.misplaced,
    remarks: [...(source.remarks ?? []), ...(lan.remarks ?? [])],
  }
}

type Finding = { readonly fault?: string; readonly misplaced?: string; readonly remarks?: readonly string[] }

const isVirtual = ({ bindings }: InstancePlan, { address }: SeenAddress): boolean =>
  bindings.some((each) => each.address.address === address.address)

function placeSource(
  plan: InstancePlan,
  own: readonly SeenAddress[],
  portOf: string | undefined,
  hasChannel: boolean,
): Finding {
  const { source } = plan.router
  const places = own.filter(({ address }) => address.address === source).map((each) => each.interface)
  const others = own.filter((each) => each.interface === plan.interface)
  if (places.includes(plan.interface)) return {}
  const [place] = places
  if (place === undefined) return { fault: describeGone(plan, others) }
  const where = `${source} is on ${place}, not on ${plan.interface}`
  const remedy = `write ${place} where haup.yaml names ${plan.interface}, if it does, then "haup reload"`
  if (portOf === place && others.length === 0) {
    const port = `${where}, which is a port of ${portOf} now and hears no other node: ${remedy}`
    return hasChannel ? { misplaced: port } : { fault: port }
  }
  const dropped = `${where}: boxes with rp_filter=1 drop adverts from it`
  if (others.length > 0) {
    const path = `name the addresses that the nodes have on ${plan.interface} under "paths" of each node`
    return { remarks: [`${dropped}; ${path}, in the same place`] }
  }
  const bare = `${dropped}; ${remedy}, or give ${plan.interface} an address`
  return hasChannel ? { misplaced: bare } : { remarks: [bare] }
}

/** Names what has come in its place, and what to do about it. */
function describeGone({ router: { source }, interface: name }: InstancePlan, others: readonly SeenAddress[]): string {
  const gone = `${source}, which adverts come from, is on no interface`
  const now = others.map(({ address }) => address.address).join(' and ')
  if (now === '') return `${gone}: set it again on ${name}, or write the new one under "nodes" on all nodes and reload`
  return `${gone}, ${name} has ${now}: write that under "nodes" on all nodes, then "haup reload"`
}

/** A /31 or /32 says nothing of a LAN. */
const LONGEST = 30

function placeLan(plan: InstancePlan, own: readonly SeenAddress[]): Finding {
  const subnetsOf = (name: string) =>
    own.filter((each) => each.interface === name && each.address.length <= LONGEST).map(({ address }) => address)
  const subnets = subnetsOf(plan.interface)
  if (subnets.length === 0) return {}
  const far = plan.peers.filter(
    ({ address }) => !subnets.some((each) => sameSubnet(each.address, address, each.length)),
  )
  if (far.length === 0) return {}
  const lan = `the LAN of ${plan.interface} (${subnets.map(formatPrefix).join(', ')})`
  const names = far.map(({ name, address }) => `${name} (${address})`).join(' and ')
  const outside = plan.bindings.find(({ interface: name, address }) => {
    const around = subnetsOf(name)
    return around.length > 0 && !around.some((each) => sameSubnet(each.address, address.address, each.length))
  })
  const apart = `${names} ${far.length === 1 ? 'is' : 'are'} not on ${lan}: adverts do not cross a router`
  if (far.length < plan.peers.length || outside === undefined) return { remarks: [apart] }
  const message = `${apart}, and ${formatPrefix(outside.address)} does not belong to it: clients do not find it here`
  return { misplaced: `${message}; the nodes need a LAN in common, or haup an instance for each LAN` }
}
