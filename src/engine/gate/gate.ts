import { err, ok, type Result } from '../../shared/result.ts'
import { type Micros, minus, toMillis } from '../../shared/units.ts'
import type { NetlinkFailure } from '../io/netlink-exchange.ts'
import type { GateOwner, GatePort, GateReadiness } from '../ports.ts'
import { kernelInterfaces } from '../vip/interfaces.ts'
import { parseOwners } from './address.ts'
import { layOut } from './layout.ts'
import { closing, type Lease, newLease, renewal, renewalExactly, reopening } from './lease.ts'
import { admission, handOver } from './move.ts'
import { pathOf } from './move-requests.ts'
import { livingMoves, removeEnded, standingMoves, tablesOfMoves } from './moves.ts'
import { verifyTables } from './read-back.ts'
import { openSession, type Session } from './session.ts'
import { describe, refused, setUp, tearDown } from './set-up.ts'
import { type Answer, type Step, takeSteps } from './step.ts'
import { CLOSED_TABLE } from './tables.ts'
import { createTurns } from './turns.ts'

/** The gate of this network namespace: nf_tables over netlink. Needs CAP_NET_ADMIN. `now` is the clock of `open`. */
export function createGatePort(now: () => Micros): GatePort {
  const listeners = new Set<(what: string) => void>()
  let session: Session | undefined
  const take = async (steps: readonly Step[]): Promise<readonly Answer[]> =>
    session === undefined ? steps.map(() => GONE) : takeSteps(session.socket, steps)
  const turns = createTurns(take)

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
      onOverflow: () => void turns.alone(lookAgain),
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
    else
      await takeSteps(
        socket,
        kept.flatMap(([owner, lease]) => renewalExactly(now, owner, lease) ?? []),
      )
    return ready
  }
  const remove = async (
    kept: (socket: Session['socket']) => Promise<ReadonlySet<string>>,
  ): Promise<Result<void, string>> => {
    const connected = connect()
    if (!connected.ok)
      return connected.error.code === 'EPROTONOSUPPORT' ? ok(undefined) : err(describe(connected.error))
    const { socket } = connected.value
    const removed = await tearDown(socket, await kept(socket))
    drop()
    return removed
  }
  const withLease = (owner: string, begin: (session: Session, lease: Lease) => Step | Answer): Step | Answer => {
    const lease = session?.leases.get(owner)
    if (session === undefined || lease === undefined) return err(`the gate of ${owner} is closed: it is not prepared`)
    return begin(session, lease)
  }
  /** Its rules have done nothing since then; that they are gone is for those who read the rule set. */
  const sweepAfter = (until: Micros): void => {
    const wait = Math.max(0, toMillis(minus(until, now()))) + SWEEP_AFTER_MS
    setTimeout(() => {
      void turns.alone(async () => {
        if (session !== undefined) await removeEnded(session.socket, session.leases, now())
      })
    }, wait).unref()
  }

  return {
    prepare: (owners) => turns.alone(() => prepare(owners)),
    open: (owner, until) =>
      turns.step(owner, 'open', () => withLease(owner, (_, lease) => renewal(now, owner, lease, until))),
    close: (owner) =>
      turns.step(owner, 'close', () =>
        // Without a session nothing is open.
        session === undefined ? ok(undefined) : withLease(owner, (_, lease) => closing(owner, lease)),
      ),
    admit: (owner, admitted, until) =>
      turns.step(owner, 'move', () =>
        withLease(owner, (_, lease) => admission(now, owner, lease, { admission: admitted, until })),
      ),
    handOn: async (owner, target, until) => {
      const handed = await turns.step(owner, 'move', () =>
        withLease(owner, ({ owners }, lease) => {
          const path = pathOf(target, kernelInterfaces.indexOf)
          const own = owners.find(({ name }) => name === owner)
          if (!path.ok || own === undefined) return path.ok ? err(`the gate of ${owner} is not prepared`) : path
          return handOver(now, own, lease, path.value, until)
        }),
      )
      if (handed.ok) sweepAfter(until)
      return handed
    },
    remove: () => turns.alone(() => remove(async () => new Set())),
    retire: (keepClosed) =>
      turns.alone(() =>
        remove(async (socket) => new Set([...(await livingMoves(socket)), ...(keepClosed ? [CLOSED_TABLE] : [])])),
      ),
    onForeignChange: (listener) => listeners.add(listener),
  }
}

const SWEEP_AFTER_MS = 1_000

const GONE: Answer = err('the netlink socket of the gate failed, which closed it')
