import { describeCause } from '../../src/engine/vrrp/describe.ts'
import type { Cause, StateName } from '../../src/engine/vrrp/types.ts'
import type { Ipv4 } from '../../src/shared/ip.ts'
import { formatDuration, type Micros } from '../../src/shared/units.ts'

/** What happened, as an outside observer with a perfect clock writes it down. */
export type TraceEntry = { readonly at: Micros; readonly node: string } & (
  | { readonly kind: 'bound' }
  | { readonly kind: 'unbound' }
  | { readonly kind: 'state'; readonly to: StateName; readonly cause: Cause }
  | { readonly kind: 'sent'; readonly priority: number }
  | Heard
  /** A disturbance of the history: `crash`, `partition web1 | web2 web3`. */
  | { readonly kind: 'happened'; readonly what: string }
)

/** An advert that was taken up by a node, and in which role it found it. */
export type Heard = {
  readonly kind: 'heard'
  readonly from: Ipv4
  readonly priority: number
  readonly arrivedAt: Micros
  readonly role: StateName
  readonly ours: { readonly priority: number; readonly address: Ipv4 }
}

export type Trace = readonly TraceEntry[]

/** A transcript for people; adverts of a steady master are left out. */
export const transcript = (trace: Trace): string =>
  trace
    .filter((entry) => entry.kind !== 'sent' && !(entry.kind === 'heard' && entry.role === 'backup'))
    .map((entry) => `${formatDuration(entry.at).padStart(12)}  ${entry.node.padEnd(6)} ${line(entry)}`)
    .join('\n')

function line(entry: TraceEntry): string {
  switch (entry.kind) {
    case 'bound':
      return 'holds the address'
    case 'unbound':
      return 'lets the address go'
    case 'state':
      return `${entry.to.toUpperCase()}: ${describeCause(entry.cause)}`
    case 'sent':
      return `advert, priority ${entry.priority}`
    case 'heard':
      return `(${entry.role}, ${entry.ours.priority}) hears ${entry.from}, priority ${entry.priority}`
    case 'happened':
      return `*** ${entry.what}`
  }
}
