import type { Micros } from '../shared/units.ts'

/** What is asked of the web server; one file per kind carries it out. */
export type ProbeSpec =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'http'
      readonly url: string
      /** Accepted status codes, as ranges: [[200, 399]]. */
      readonly status: readonly (readonly [number, number])[]
      readonly method: 'GET' | 'HEAD'
      readonly headers: Readonly<Record<string, string>>
      /** `Host` header when it differs from the URL's. */
      readonly host: string | undefined
      readonly body:
        | { readonly kind: 'text'; readonly text: string }
        | { readonly kind: 'regex'; readonly regex: RegExp }
        | undefined
      /** TLS: server name for SNI, and what vouches for the certificate: system CAs, a file, or nothing. */
      readonly sni: string | undefined
      readonly ca:
        | { readonly kind: 'system' }
        | { readonly kind: 'file'; readonly path: string }
        | { readonly kind: 'none' }
    }
  | { readonly kind: 'process'; readonly pidFile: string }
  | { readonly kind: 'command'; readonly argv: readonly string[]; readonly user: string | undefined }

export type ProbeResult = {
  /** `http 127.0.0.1/healthz`, as shown to people. */
  readonly probe: string
  readonly ok: boolean
  /** One line: `200 in 3 ms` or `connection refused`. Never contains control characters. */
  readonly detail: string
  readonly took: Micros
  /** The server answered, and wrongly: it runs. */
  readonly answered?: true | undefined
  /** It has not even accepted the connection. */
  readonly hung?: true | undefined
}

/** Runs one probe; resolves always, within `timeout` plus scheduling. */
export type RunProbe = (spec: ProbeSpec, timeout: Micros, signal: AbortSignal) => Promise<ProbeResult>

export type RestartMethod =
  | { readonly kind: 'none' }
  | { readonly kind: 'unit'; readonly unit: string }
  | {
      readonly kind: 'command'
      readonly argv: readonly string[]
      /**
       * Where the server keeps its main process's number. An old process found there that carries the name of `argv[0]`
       * is ended first, with its workers: a hung server would keep the port. Undefined = only `argv` is run.
       */
      readonly pidFile: string | undefined
    }

export type ServiceConfig = {
  readonly name: string
  readonly probes: readonly ProbeSpec[]
  /** From the end of one round to the start of the next one. */
  readonly interval: Micros
  readonly timeout: Micros
  /** How long a server that usually answers much sooner may leave a connection unaccepted. */
  readonly hungAfter: Micros
  /** Successive good rounds until healthy, bad ones until failed. */
  readonly rise: number
  readonly fall: number
  /** `nginx -t`; undefined = no test. */
  readonly configTest: readonly string[] | undefined
  readonly restart: RestartMethod
  readonly budget: { readonly restarts: number; readonly within: Micros }
  /** After a restart, how long the server may take to pass its probes. */
  readonly settle: Micros
  /** How long a repair may take before the address is yielded, where another node is ready. */
  readonly patience: Micros
}

/** What the other nodes are like, as far as it matters for a service of this one. */
export type Others = {
  /** Another node could take over all that this one serves. */
  readonly ready: boolean
  /** The same server passes its probes on another node. */
  readonly sound: boolean
  /** What it fails with on others. */
  readonly wrong: readonly { readonly node: string; readonly detail: string }[]
}

/** Result of a fixed-argv command such as `nginx -t`; `line` is the one line that tells most. */
export type CommandOutcome = { readonly ok: boolean; readonly line: string; readonly took: Micros }

export type ServicePhase =
  /** Not yet judged since the engine started; `failures` count towards `fall`. */
  | { readonly kind: 'unknown'; readonly failures: number }
  /** `alike`: the node whose server fails with the same; what is kept up is not repaired. */
  | { readonly kind: 'healthy'; readonly failures: number; readonly alike?: string }
  | { readonly kind: 'testing-config' }
  | { readonly kind: 'restarting' }
  /** Restarted; must pass its probes before `until`. */
  | { readonly kind: 'verifying'; readonly until: Micros }
  /**
   * Given up: the address is yielded; still probed, `successes` count towards `rise`. From `retryAt` on, a bad round
   * lets it try by itself once more; `attempt` says which step of that is under way (no probes run meanwhile).
   */
  | {
      readonly kind: 'failed'
      readonly reason: FailureReason
      readonly successes: number
      readonly retryAt: Micros | undefined
      readonly attempt: 'none' | 'testing-config' | 'restarting'
    }

export type FailureReason =
  | { readonly kind: 'probe'; readonly detail: string }
  | { readonly kind: 'config'; readonly line: string }
  /** It is being repaired, and another node serves meanwhile. */
  | { readonly kind: 'repair'; readonly detail: string }
  /** The server of this node fails with the same. */
  | { readonly kind: 'alike'; readonly detail: string; readonly node: string }
  | { readonly kind: 'restart-failed'; readonly line: string }
  | { readonly kind: 'budget'; readonly restarts: number; readonly within: Micros; readonly detail: string }

/** A round of probes that was asked for and has not answered. */
export type ProbeRound = {
  /** When it counts as bad without an answer. */
  readonly overdueAt: Micros
  /** It was counted, or its question is no longer the present one: an answer only frees the way for the next round. */
  readonly stale: boolean
}

/** What is known of a server's main process. */
export type MainProcess =
  /** Its end will be told at once. */
  | { readonly kind: 'watched'; readonly pid: number }
  /** It has ended, and none took its place; `how` continues "main process 4711 ended: ". */
  | { readonly kind: 'died'; readonly pid: number; readonly how: string }
  /** Its end is seen by the probes alone. */
  | { readonly kind: 'polled'; readonly reason: string }

export type ServiceState = {
  readonly phase: ServicePhase
  /** What the engine was last told: `yield` makes it failed, `resume` good. */
  readonly verdict: 'unknown' | 'good' | 'failed'
  /** When the phase began. */
  readonly since: Micros
  /** When the next round of probes is due; undefined while one runs or another step is under way. */
  readonly probeAt: Micros | undefined
  readonly round: ProbeRound | undefined
  /** When the first bad round of the present outage ended; undefined while all is well. */
  readonly downSince: Micros | undefined
  readonly lastResults: readonly ProbeResult[]
  /** An administrator works on the server: it is probed, and neither tested nor restarted. */
  readonly paused: boolean
  /** When the patience with a repair ends; undefined where none is under way. */
  readonly yieldAt: Micros | undefined
  /** When restarts were tried, oldest first, within the budget's window. */
  readonly restarts: readonly Micros[]
  readonly main: MainProcess
  /** Since when `main` is what it is. */
  readonly mainSince: Micros
}

export type ServiceEvent =
  | { readonly kind: 'start'; readonly now: Micros }
  | { readonly kind: 'timer'; readonly now: Micros }
  /** There is a reason to look at once. */
  | { readonly kind: 'look'; readonly now: Micros }
  | { readonly kind: 'probed'; readonly now: Micros; readonly results: readonly ProbeResult[] }
  | { readonly kind: 'config-tested'; readonly now: Micros; readonly outcome: CommandOutcome }
  | { readonly kind: 'restarted'; readonly now: Micros; readonly outcome: CommandOutcome }
  | { readonly kind: 'main-process'; readonly now: Micros; readonly main: MainProcess }

export type ServiceAction =
  | { readonly kind: 'probe' }
  | { readonly kind: 'test-config' }
  /** `text` says which one of how many. */
  | { readonly kind: 'restart'; readonly text: string }
  /** The verdict changed: the engine tracks it. */
  | { readonly kind: 'yield'; readonly reason: FailureReason }
  | { readonly kind: 'resume' }
  /** Nothing is wrong where `calm`. */
  | { readonly kind: 'notice'; readonly text: string; readonly calm?: boolean }

export type ServiceStep = { readonly state: ServiceState; readonly actions: readonly ServiceAction[] }
