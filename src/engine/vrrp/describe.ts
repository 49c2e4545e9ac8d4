import { formatDuration, type Micros } from '../../shared/units.ts'
import type { Cause, HeardMaster, Notice, RejectReason } from './types.ts'

/** Why a router changed its state: one plain clause with the figures, without a full stop. */
export function describeCause(cause: Cause): string {
  switch (cause.kind) {
    case 'startup':
      return `started: ${cause.reason}`
    case 'owner':
      return 'this router owns the addresses (priority 255)'
    case 'shutdown':
      return `left the election: ${cause.reason}`
    case 'resigned':
      return `stepped back: ${cause.reason}`
    case 'lapsed':
      return `let go to be safe: ${cause.reason}`
    case 'taken':
      return `takes over: ${cause.reason}`
    case 'handed-over':
      return `handed over: ${cause.reason}`
    case 'master-down':
      return `no advert from ${cause.last === undefined ? 'any master' : who(cause.last)} for ${formatDuration(cause.waited)}`
    case 'master-released':
      return `${cause.last === undefined ? 'the master' : who(cause.last)} released the addresses`
    case 'preempted':
      return `preempted ${who(cause.from)}, whose priority is lower`
    case 'higher-priority':
      return `${cause.from} claims the addresses with the higher priority ${cause.priority}`
    case 'tie-break':
      return `${cause.from} claims the addresses with the same priority ${cause.priority} and a higher address`
  }
}

/** Something seen and survived, in the same form. */
export function describeNotice(notice: Notice): string {
  switch (notice.kind) {
    case 'interval-differs':
      return `${notice.from} advertises every ${formatDuration(notice.theirs)}, we every ${formatDuration(notice.ours)}${bounded(notice.theirs, notice.counted)}`
    case 'addresses-differ':
      return `${notice.from} advertises other addresses than ours: ${notice.theirs.join(', ') || 'none'}`
    case 'own-address-heard':
      return `an advert came from our own address ${notice.from}: another box may use it`
    case 'two-owners':
      return `${notice.from} also says that it owns the addresses (priority 255)`
    case 'lower-master-heard':
      return notice.priority === 0
        ? `${notice.from} released the addresses while we are master`
        : `${notice.from} (priority ${notice.priority}) was master too; it has been answered`
  }
}

const bounded = (theirs: Micros, counted: Micros): string =>
  theirs === counted ? '' : `: it counts as ${formatDuration(counted)}`

const REJECTIONS: Readonly<Record<RejectReason, string>> = {
  'ip-header': 'the IPv4 header is damaged or not that of a VRRP packet',
  ttl: 'the TTL is not 255: the packet came through a router',
  destination: 'the packet was not sent to the VRRP group 224.0.0.18',
  length: 'the length does not fit the number of addresses',
  version: 'the VRRP version differs from ours',
  type: 'it is not an advertisement',
  vrid: 'the VRID is not configured here',
  interval: 'the advertisement interval differs from ours (VRRPv2) or is 0',
  'auth-type': 'the kind of authentication differs from ours',
  'auth-data': 'the password is wrong',
  checksum: 'the checksum is wrong or covers something else than ours',
  count: 'the packet advertises no address',
  own: 'the packet came from our own address',
  flood: 'more adverts come than any router sends',
}

/** What a counter of rejected packets stands for. */
export const describeReject = (reason: RejectReason): string => REJECTIONS[reason]

const who = (master: HeardMaster): string => `${master.address} (priority ${master.priority})`
