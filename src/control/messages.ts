/**
 * What the engine and the command line say to each other over the unix sockets, and what `--json` prints: public API.
 * Ages are seconds as of the answer; instants are ISO 8601 wall-clock time.
 */

export type InstanceState = 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT'

export type PriorityPart = { readonly label: string; readonly value: number }

export type InstanceCounters = {
  readonly adverts_sent: number
  readonly adverts_received: number
  readonly became_master: number
  readonly released_master: number
  readonly priority_zero_sent: number
  readonly priority_zero_received: number
  readonly send_errors: number
  readonly announcements_sent: number
  /** ARP packets in which another machine said that an address of the instance is its own: normal while BACKUP. */
  readonly foreign_claims_heard: number
  /** How often an address that somebody else took away was put back. */
  readonly repairs: number
  /** By reason, only those that happened. */
  readonly rejected: Readonly<Record<string, number>>
}

export type InstanceStatus = {
  readonly name: string
  readonly state: InstanceState
  readonly since: string
  readonly since_seconds: number
  /** Why it is in this state, one sentence. */
  readonly reason: string
  /** The node that has the addresses, as far as this one knows; an address when it is no node; null: none is known to. */
  readonly holder: string | null
  /** The node that holds when all is well. */
  readonly preferred: string
  /** All nodes but the holder, and whether they could take over; `unknown`: only adverts tell of it. */
  readonly candidates: readonly {
    readonly node: string
    readonly readiness: 'serves' | 'standby' | 'unable' | 'unknown'
    /** Why it would not; empty for one that serves. */
    readonly why: string
  }[]
  readonly vrid: number
  readonly vrrp_version: 2 | 3
  readonly interface: string
  readonly preempt: boolean
  readonly advert_interval_ms: number
  readonly priority: { readonly effective: number; readonly parts: readonly PriorityPart[] }
  readonly addresses: readonly { readonly address: string; readonly interface: string; readonly bound: boolean }[]
  /**
   * Whether the kernel lets clients at the addresses while this node holds them; `off`: they are not fenced; null: it does not
   * hold them, or they are being bound or handed over.
   */
  readonly gate: 'open' | 'closed' | 'off' | null
  /** What the election concludes with the peer channel, and what would change it; null without a channel. */
  readonly verdict: { readonly kind: string; readonly text: string } | null
  /** Last other router heard with this VRID; null = never since the engine started. */
  readonly last_heard: {
    readonly address: string
    readonly node: string | null
    readonly priority: number
    readonly seconds_ago: number
  } | null
  /** An administrator's `haup failover` or `haup standby`; `ends` null = until `--back`, or `haup resume`. */
  readonly hold: {
    readonly since: string
    readonly ends: string | null
    readonly standby: boolean
    /** `haup standby --strict`. */
    readonly strict: boolean
  } | null
  /** The services that it depends on. */
  readonly tracks: readonly string[]
  /** What stands in the way of serving, if anything: `eth0 is down`, `nginx: connection refused`. */
  readonly faults: readonly string[]
  readonly counters: InstanceCounters
}

export type ProbeStatus = {
  readonly probe: string
  readonly ok: boolean
  readonly detail: string
  readonly took_ms: number
}

/** Whether the end of the server's main process is seen at once (pidfd), or by the probes alone, and then why. */
export type MainProcessStatus =
  | { readonly watched: true; readonly pid: number; readonly reason: null }
  | { readonly watched: false; readonly pid: null; readonly reason: string }

export type ServiceStatus = {
  readonly name: string
  readonly state: 'UNKNOWN' | 'HEALTHY' | 'FAILING' | 'TESTING' | 'RESTARTING' | 'VERIFYING' | 'FAILED'
  readonly since: string
  readonly since_seconds: number
  readonly reason: string
  readonly probes: readonly ProbeStatus[]
  readonly main_process: MainProcessStatus
  /** Neither tested nor restarted: all instances that track it are handed over by an administrator. */
  readonly remedies_paused: boolean
  readonly restarts_in_window: number
  readonly restarts_allowed: number
}

/** Another haup node, as it said by the peer channel: every fact is as old as `age_seconds` tells, or older. */
export type PeerStatus = {
  readonly node: string
  /** Heard within the time that a backup waits for a silent master. */
  readonly alive: boolean
  /** `unknown`: not heard since the engine started; `left`: its engine has ended in order; `died`: not so; `silent`. */
  readonly life: 'unknown' | 'alive' | 'silent' | 'died' | 'left'
  /** Of the newest report that is proven to be of its present life; null = there is none. */
  readonly age_seconds: number | null
  readonly paths: readonly { readonly name: string; readonly heard_seconds_ago: number | null }[]
  /** Version. */
  readonly haup: string | null
  readonly standby: boolean
  readonly leaving: boolean
  /** How late its loop runs, 99th percentile. */
  readonly lateness_ms: number | null
  /** Compared with ours: the sections that differ. */
  readonly config: 'same' | { readonly differs: readonly string[] } | null
  readonly instances: readonly {
    readonly name: string
    readonly state: InstanceState
    readonly since_seconds: number
    readonly reason: string
    /** Could serve. */
    readonly ready: boolean
    /** `standby`: it could serve, and an administrator told it to stay behind; it takes over when nobody else can. */
    readonly readiness: 'serves' | 'standby' | 'unable'
    readonly priority: number
    /** Its kernel may answer for the addresses. */
    readonly holding: boolean
    readonly lan: 'reached' | 'dark' | 'unknown' | 'down'
  }[]
  readonly services: readonly { readonly name: string; readonly good: boolean; readonly detail: string }[]
}

export type Warning = { readonly code: string; readonly message: string }

export type Status = {
  readonly format: 1
  readonly haup: string
  readonly cluster: string
  readonly node: string
  readonly pid: number
  readonly config_file: string
  readonly started: string
  readonly uptime_seconds: number
  readonly instances: readonly InstanceStatus[]
  readonly services: readonly ServiceStatus[]
  /** The other haup nodes, when there is a peer channel. */
  readonly peers: readonly PeerStatus[]
  readonly loop: { readonly lateness_ms: { readonly p50: number; readonly p99: number; readonly max: number } }
  readonly warnings: readonly Warning[]
}

/** Requests on the control socket. `instances` empty = all. */
export type ControlRequest =
  | {
      readonly kind: 'failover'
      readonly instances: readonly string[]
      readonly hold_ms: number | null
      /** The node that is to take over; absent: the best one. */
      readonly to?: string
      /** Also when it is known that nobody could take over. */
      readonly force?: boolean
    }
  | { readonly kind: 'back'; readonly instances: readonly string[] }
  /** This node is to hold nothing: all instances, also those that it does not hold now. */
  | {
      readonly kind: 'standby'
      readonly hold_ms: number | null
      /** It takes no part at all, not even when nobody else could serve. */
      readonly strict?: boolean
      readonly force?: boolean
    }
  | { readonly kind: 'resume' }
  /** Read the configuration file again and go on by it. */
  | { readonly kind: 'reload' }

export type FailoverOutcome = {
  readonly instance: string
  /**
   * `taken-over`: another node is master, by its adverts or as it says by the peer channel; `elsewhere`: it is not the one
   * asked for; `nobody`: nobody claimed it, this node holds it again; `not-master`. Of a standby: `stands-by`, it was not held here. Of its end, or of
   * `--back`: `back`, `not-held`.
   */
  readonly outcome: 'taken-over' | 'elsewhere' | 'nobody' | 'not-master' | 'stands-by' | 'back' | 'not-held'
  readonly new_master: string | null
  readonly node: string | null
  readonly took_ms: number | null
  readonly message: string
}

export type ControlResponse =
  | { readonly ok: true; readonly outcomes: readonly FailoverOutcome[] }
  /** Answer to `reload`: what changed, in words; empty = nothing did. */
  | { readonly ok: true; readonly changes: readonly string[] }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly next_steps: readonly string[] }

/** HTTP paths. The status socket serves GET only; the control socket serves both. */
export const STATUS_PATH = '/v1/status'
export const CONTROL_PATH = '/v1/control'

/** File names below the run directory (`/run/haup` unless `--run-dir`). */
export const STATUS_SOCKET = 'status.sock'
export const CONTROL_SOCKET = 'control.sock'
export const DEFAULT_RUN_DIR = '/run/haup'
export const DEFAULT_CONFIG = '/etc/haup/haup.yaml'
