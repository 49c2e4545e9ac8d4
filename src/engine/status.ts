import type {
  InstanceCounters,
  InstanceStatus,
  MainProcessStatus,
  ServiceStatus,
  Status,
  Warning,
} from '../control/messages.ts'
import { describeService } from '../probes/policy.ts'
import type { MainProcess, ServiceConfig } from '../probes/types.ts'
import { assertNever } from '../shared/errors.ts'
import { formatPrefix } from '../shared/ip.ts'
import { type Micros, minus, plus, toMillis, toSeconds } from '../shared/units.ts'
import { addressWarnings } from './core/addresses.ts'
import { standingOf } from './core/candidates.ts'
import { takeoverWarnings } from './core/candidates-text.ts'
import { describeLosses, leavesUntil } from './core/damping.ts'
import { gateStatus, gateWarnings } from './core/gate-text.ts'
import { hearingWarnings } from './core/hearing.ts'
import { lanWarnings } from './core/lan-text.ts'
import { paceWarnings } from './core/pace.ts'
import { participation } from './core/participation.ts'
import { unheard } from './core/peer-hear.ts'
import { ownSide, peerStatus } from './core/peer-status.ts'
import { peerWarnings } from './core/peer-warnings.ts'
import type { EngineState, InstancePlan, NodePlan } from './core/types.ts'
import { describeVerdict } from './core/verdict-text.ts'
import type { PeerFacts } from './peer/types.ts'

/** What the shell adds to the pure state: its counters, what is in the kernel, and the two clocks side by side. */
export type StatusContext = {
  readonly now: Micros
  readonly wallClock: Date
  readonly started: Micros
  readonly version: string
  readonly pid: number
  readonly configFile: string
  readonly counters: (instance: string) => InstanceCounters
  /** Whether the last read-back found the instance's addresses. */
  readonly bound: (instance: string) => boolean
  readonly lateness: { readonly p50: Micros; readonly p99: Micros; readonly max: Micros }
  readonly warnings: readonly Warning[]
}

/** Pure: the engine's state as `haup status` shows it. */
export function buildStatus(plan: NodePlan, state: EngineState, context: StatusContext): Status {
  return {
    format: 1,
    haup: context.version,
    cluster: plan.cluster,
    node: plan.node,
    pid: context.pid,
    config_file: context.configFile,
    started: wall(context.started, context),
    uptime_seconds: age(context.started, context),
    instances: plan.instances.flatMap((instance) => instanceStatus(plan, instance, state, context)),
    services: plan.services.flatMap((service) => serviceStatus(service, state, context)),
    peers: peerStatus(knownPeers(plan, state), ownSide(plan), context.now),
    loop: {
      lateness_ms: {
        p50: toMillis(context.lateness.p50),
        p99: toMillis(context.lateness.p99),
        max: toMillis(context.lateness.max),
      },
    },
    warnings: [
      ...paceWarnings(state.pace),
      ...gateWarnings(plan, state, context.now),
      ...takeoverWarnings(plan, state, context.now),
      ...context.warnings,
      ...hearingWarnings(plan, state, context.now),
      ...peerWarnings(plan, state, context.now),
      ...lanWarnings(plan, state, context.now),
      ...addressWarnings(plan, state),
    ],
  }
}

function instanceStatus(
  plan: NodePlan,
  instance: InstancePlan,
  state: EngineState,
  context: StatusContext,
): InstanceStatus[] {
  const runtime = state.instances.get(instance.name)
  if (runtime === undefined) return []
  const part = participation(instance, runtime, state.services)
  const { hold, display, router } = runtime
  const bound = context.bound(instance.name)
  const { holder, preferred, candidates } = standingOf(plan, instance, runtime, state, context.now)
  return [
    {
      name: instance.name,
      state: display.state,
      since: wall(display.since, context),
      since_seconds: age(display.since, context),
      reason: `${display.reason}${dampedText(instance, state, context)}`,
      holder: holder ?? null,
      preferred,
      candidates: candidates.map(({ node, readiness, why }) => ({ node, readiness, why })),
      vrid: instance.router.vrid,
      vrrp_version: instance.router.version,
      interface: instance.interface,
      preempt: instance.router.preempt,
      advert_interval_ms: toMillis(instance.router.advertInterval),
      priority: { effective: part.priority, parts: part.parts },
      gate: gateStatus(instance, runtime, state, context.now),
      addresses: instance.addresses.map((virtual) => ({
        address: formatPrefix(virtual.address),
        interface: virtual.interface,
        bound,
      })),
      verdict:
        plan.channel === undefined
          ? null
          : { kind: runtime.peer.verdict.kind, text: describeVerdict(runtime.peer.verdict, context.now) },
      last_heard:
        router.master === undefined
          ? null
          : {
              address: router.master.address,
              node: plan.nodeNames.get(router.master.address) ?? null,
              priority: router.master.priority,
              seconds_ago: age(router.master.heardAt, context),
            },
      hold:
        hold === undefined
          ? null
          : {
              since: wall(hold.since, context),
              ends: hold.until === undefined ? null : wall(hold.until, context),
              standby: hold.standby,
              strict: hold.strict,
            },
      tracks: instance.track.map(({ service }) => service),
      faults: part.faults,
      counters: context.counters(instance.name),
    },
  ]
}

/** Why it is not taken back though this node is the better one, and until when. */
function dampedText(instance: InstancePlan, state: EngineState, context: StatusContext): string {
  const runtime = state.instances.get(instance.name)
  const damping = runtime?.damping
  if (runtime?.router.phase.kind !== 'backup' || runtime.hold !== undefined || damping?.until === undefined) return ''
  const until = leavesUntil(instance, runtime, state, context.now)
  return until === undefined
    ? ''
    : `; ${describeLosses(damping)}: not taken back before ${wall(plus(until, instance.router.preemptDelay), context)}`
}

function serviceStatus(service: ServiceConfig, state: EngineState, context: StatusContext): ServiceStatus[] {
  const current = state.services.get(service.name)
  if (current === undefined) return []
  const described = describeService(service, current, context.now)
  return [
    {
      name: service.name,
      state: described.state,
      since: wall(current.since, context),
      since_seconds: age(current.since, context),
      reason: described.reason,
      probes: current.lastResults.map(({ probe, ok, detail, took }) => ({
        probe,
        ok,
        detail,
        took_ms: toMillis(took),
      })),
      main_process: describeMain(current.main),
      remedies_paused: current.paused,
      restarts_in_window: current.restarts.filter((at) => at > context.now - service.budget.within).length,
      restarts_allowed: service.budget.restarts,
    },
  ]
}

function describeMain(main: MainProcess): MainProcessStatus {
  switch (main.kind) {
    case 'watched':
      return { watched: true, pid: main.pid, reason: null }
    case 'died':
      return { watched: false, pid: null, reason: `process ${main.pid} ended: ${main.how}` }
    case 'polled':
      return { watched: false, pid: null, reason: main.reason }
    default:
      return assertNever(main)
  }
}

/** Also those that have never been heard. */
const knownPeers = ({ channel }: NodePlan, { peers }: EngineState): PeerFacts[] =>
  (channel?.peers ?? []).map((node) => peers.get(node) ?? unheard(node))

const age = (at: Micros, context: StatusContext): number => Number(toSeconds(minus(context.now, at)).toFixed(3))

const wall = (at: Micros, context: StatusContext): string =>
  new Date(context.wallClock.getTime() - toMillis(minus(context.now, at))).toISOString()
