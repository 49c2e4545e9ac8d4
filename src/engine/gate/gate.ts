import { err, ok, type Result } from '../../shared/result.ts'
import type { Micros } from '../../shared/units.ts'
import type { NetlinkSocket } from '../io/netlink.ts'
import type { NetlinkFailure } from '../io/netlink-exchange.ts'
import type { GateOwner, GatePort, GateReadiness } from '../ports.ts'
import { parseOwners } from './address.ts'
import { layOut } from './layout.ts'
import { end, type Lease, newLease, renew, renewExactly, reopening } from './lease.ts'
import { verifyTables } from './read-back.ts'
import { openSession, type Session } from './session.ts'
import { describe, refused, setUp, tearDown } from './set-up.ts'

/** The gate of this network namespace: nf_tables over netlink. Needs CAP_NET_ADMIN. `now` is the clock of `open`. */
export function createGatePort(now: () => Micros): GatePort {
  const listeners = new Set<(what: string) => void>()
  let session: Session | undefined
  let last: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const turn = last.then(action)
    last = turn.catch(() => undefined)
    return turn
  }
  const tell = (what: string): void => {
    for (const listener of listeners) listener(what)
  }
  const drop = (): void => {
    session?.close()
    session = undefined
  }
  const lookAgain = async (): Promise<void> => {
    if (session === undefined || session.tables.length === 0) return
    const verified = await verifyTables(session.socket, session.tables)
    if (!verified.ok) tell(`somebody changed it while events were lost: ${verified.error}`)
  }
  const connect = (): Result<Session, NetlinkFailure> => {
    if (session !== undefined) return ok(session)
    const opened = openSession({
      onForeign: tell,
      onOverflow: () => void inTurn(lookAgain),
      onDead: ({ message }) => {
        drop()
        tell(`its netlink socket failed, which closed it: ${message}`)
      },
    })
    if (opened.ok) session = opened.value
    return opened
  }
  const prepare = async (owners: readonly GateOwner[]): Promise<Result<GateReadiness, string>> => {
    const parsed = parseOwners(owners)
    if (!parsed.ok) return parsed
    const connected = connect()
    if (!connected.ok) return refused(connected.error)
    const { socket, leases } = connected.value
    const tables = layOut(parsed.value)
    const kept = parsed.value.map(({ name }): [string, Lease] => [name, leases.get(name) ?? newLease()])
    const ready = await setUp(socket, tables, () => kept.flatMap(([owner, lease]) => reopening(owner, lease, now())))
    connected.value.tables = tables
    connected.value.leases = new Map(kept)
    if (!ready.ok || ready.value.kind === 'unsupported') drop()
    else for (const [owner, lease] of kept) await renewExactly(socket, now, owner, lease)
    return ready
  }
  const remove = async (): Promise<Result<void, string>> => {
    const connected = connect()
    if (!connected.ok)
      return connected.error.code === 'EPROTONOSUPPORT' ? ok(undefined) : err(describe(connected.error))
    const removed = await tearDown(connected.value.socket)
    drop()
    return removed
  }
  const withLease = async (
    owner: string,
    action: (socket: NetlinkSocket, lease: Lease) => Promise<Result<void, string>>,
  ): Promise<Result<void, string>> => {
    const lease = session?.leases.get(owner)
    if (session === undefined || lease === undefined) return err(`the gate of ${owner} is closed: it is not prepared`)
    return action(session.socket, lease)
  }

  return {
    prepare: (owners) => inTurn(() => prepare(owners)),
    open: (owner, until) => inTurn(() => withLease(owner, (socket, lease) => renew(socket, now, owner, lease, until))),
    close: (owner) =>
      // Without a session nothing is open.
      inTurn(async () =>
        session === undefined ? ok(undefined) : withLease(owner, (socket, lease) => end(socket, owner, lease)),
      ),
    admit: (owner) => Promise.resolve(err(`the gate of ${owner} cannot admit: unsupported`)),
    handOn: (owner) => Promise.resolve(err(`the gate of ${owner} cannot hand on: unsupported`)),
    remove: () => inTurn(remove),
    retire: () => inTurn(remove),
    onForeignChange: (listener) => listeners.add(listener),
  }
}
