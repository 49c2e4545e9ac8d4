import { err, ok, type Result } from '../../shared/result.ts'
import { type Micros, minus, toMillis } from '../../shared/units.ts'
import type { NetlinkFailure } from '../io/netlink-exchange.ts'
import type { GateOwner, GatePort, GateReadiness } from '../ports.ts'
import { kernelInterfaces } from '../vip/interfaces.ts'
import { parseOwners } from './address.ts'
import { layOut } from './layout.ts'
import { end, type Lease, newLease, renew, renewExactly, reopening } from './lease.ts'
import { admit, handOn } from './move.ts'
import { pathOf } from './move-requests.ts'
import { livingMoves, removeEnded, standingMoves, tablesOfMoves } from './moves.ts'
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
    const { socket, tables, leases } = session
    const verified = await verifyTables(socket, [...tables, ...tablesOfMoves(leases, now()).values()])
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
    const standing = await standingMoves(socket, new Map(kept), now())
    const ready = await setUp(socket, tables, standing, () =>
      kept.flatMap(([owner, lease]) => reopening(owner, lease, standing, now())),
    )
    Object.assign(connected.value, { tables, leases: new Map(kept), owners: parsed.value })
    if (!ready.ok || ready.value.kind === 'unsupported') drop()
    else for (const [owner, lease] of kept) await renewExactly(socket, now, owner, lease)
    return ready
  }
  const remove = async (keepMoves: boolean): Promise<Result<void, string>> => {
    const connected = connect()
    if (!connected.ok)
      return connected.error.code === 'EPROTONOSUPPORT' ? ok(undefined) : err(describe(connected.error))
    const { socket } = connected.value
    const removed = await tearDown(socket, keepMoves ? await livingMoves(socket) : undefined)
    drop()
    return removed
  }
  const withLease = async (
    owner: string,
    action: (session: Session, lease: Lease) => Promise<Result<void, string>>,
  ): Promise<Result<void, string>> => {
    const lease = session?.leases.get(owner)
    if (session === undefined || lease === undefined) return err(`the gate of ${owner} is closed: it is not prepared`)
    return action(session, lease)
  }
  /** Its rules have done nothing since then; that they are gone is for those who read the rule set. */
  const sweepAfter = (until: Micros): void => {
    const wait = toMillis(minus(until, now())) + SWEEP_AFTER_MS
    setTimeout(() => {
      void inTurn(async () => {
        if (session !== undefined) await removeEnded(session.socket, session.leases, now())
      })
    }, wait).unref()
  }

  return {
    prepare: (owners) => inTurn(() => prepare(owners)),
    open: (owner, until) =>
      inTurn(() => withLease(owner, ({ socket }, lease) => renew(socket, now, owner, lease, until))),
    close: (owner) =>
      // Without a session nothing is open.
      inTurn(async () =>
        session === undefined ? ok(undefined) : withLease(owner, ({ socket }, lease) => end(socket, owner, lease)),
      ),
    admit: (owner, admission, until) =>
      inTurn(() => withLease(owner, ({ socket }, lease) => admit(socket, now, owner, lease, { admission, until }))),
    handOn: (owner, target, until) =>
      inTurn(() =>
        withLease(owner, async ({ socket, owners }, lease) => {
          const path = pathOf(target, kernelInterfaces.indexOf)
          const own = owners.find(({ name }) => name === owner)
          if (!path.ok || own === undefined) return path.ok ? err(`the gate of ${owner} is not prepared`) : path
          const handed = await handOn(socket, now, own, lease, path.value, until)
          if (handed.ok) sweepAfter(until)
          return handed
        }),
      ),
    remove: () => inTurn(() => remove(false)),
    retire: () => inTurn(() => remove(true)),
    onForeignChange: (listener) => listeners.add(listener),
  }
}

const SWEEP_AFTER_MS = 1_000
