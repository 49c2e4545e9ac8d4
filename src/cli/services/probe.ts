import { toUserError } from '../../config/format.ts'
import { loadConfig } from '../../config/load.ts'
import type { Complaint, Reader } from '../../config/read.ts'
import { readDuration, readInteger } from '../../config/read.ts'
import { readHost, readStatus, readUrl } from '../../config/read-text.ts'
import { runProbe } from '../../probes/run.ts'
import type { ProbeResult, ProbeSpec } from '../../probes/types.ts'
import { EXIT, type ExitCode, UserError } from '../../shared/errors.ts'
import type { Result } from '../../shared/result.ts'
import { fromMillis, fromSeconds, type Micros } from '../../shared/units.ts'

export type ProbeOptions = {
  readonly configFile: string
  /** One service of the configuration; undefined = all. */
  readonly service: string | undefined
  /** Probes given on the command line; when there are any, no configuration is read. All as typed. */
  readonly tcp: readonly string[]
  readonly http: readonly string[]
  readonly status: readonly string[]
  readonly timeout: string | undefined
}

/** `service` null: probes of the command line. */
export type ProbeRound = { readonly service: string | null; readonly results: readonly ProbeResult[] }
export type ProbeOutcome = { readonly rounds: readonly ProbeRound[]; readonly exitCode: ExitCode }

type Plan = { readonly service: string | null; readonly specs: readonly ProbeSpec[]; readonly timeout: Micros }

/** Runs each probe once, without the engine, as the engine would. Throws UserError for wrong flags or configuration. */
export async function runProbes(options: ProbeOptions): Promise<ProbeOutcome> {
  const plans = options.tcp.length + options.http.length > 0 ? [planGiven(options)] : await planConfigured(options)
  const rounds = await Promise.all(plans.map(runPlan))
  const allGood = rounds.every(({ results }) => results.every(({ ok }) => ok))
  return { rounds, exitCode: allGood ? EXIT.ok : EXIT.negative }
}

async function runPlan({ service, specs, timeout }: Plan): Promise<ProbeRound> {
  const { signal } = new AbortController()
  return { service, results: await Promise.all(specs.map((spec) => runProbe(spec, timeout, signal))) }
}

async function planConfigured({ configFile, service, timeout }: ProbeOptions): Promise<Plan[]> {
  const loaded = await loadConfig(configFile)
  if (!loaded.ok) throw toUserError(loaded.error)
  const { services } = loaded.value.config
  const wanted = service === undefined ? services : services.filter(({ name }) => name === service)
  if (wanted.length === 0) throw noService(configFile, service, services)
  const given = timeout === undefined ? undefined : read('--timeout', READ_TIMEOUT, timeout)
  return wanted.map((one) => ({ service: one.name, specs: one.probes, timeout: given ?? one.timeout }))
}

const READ_TIMEOUT = readDuration(fromMillis(10), fromSeconds(60))

function planGiven({ tcp, http, status, timeout }: ProbeOptions): Plan {
  const accepted = status.map((text) => read('--status', readStatus, text))
  const specs = [
    ...tcp.map(readTcpTarget),
    ...http.map((url) => httpProbe(read('--http', readUrl, url), accepted.length > 0 ? accepted : [[200, 399]])),
  ]
  return { service: null, specs, timeout: read('--timeout', READ_TIMEOUT, timeout ?? '1s') }
}

function readTcpTarget(text: string): ProbeSpec {
  const colon = text.lastIndexOf(':')
  const host = read('--tcp', readHost, colon === -1 ? '127.0.0.1' : text.slice(0, colon))
  const port = text.slice(colon + 1)
  return { kind: 'tcp', host, port: read('--tcp', readInteger(1, 65_535), /^\d+$/.test(port) ? Number(port) : port) }
}

const httpProbe = (url: string, status: readonly (readonly [number, number])[]): ProbeSpec => ({
  kind: 'http',
  url,
  status,
  method: 'GET',
  headers: {},
  host: undefined,
  body: undefined,
  sni: undefined,
  ca: { kind: 'system' },
})

/** A value of a flag, by the same rule as in the configuration. */
function read<T>(flag: string, reader: Reader<T>, value: unknown): T {
  const result: Result<T, Complaint> = reader(value)
  if (result.ok) return result.value
  const nextSteps = result.error.remedy === undefined ? ['haup probe --help'] : [result.error.remedy]
  throw new UserError(`${flag} ${result.error.message}`, { code: 'usage', nextSteps })
}

function noService(file: string, service: string | undefined, known: readonly { readonly name: string }[]): UserError {
  const names = known.map(({ name }) => name)
  const message = service === undefined ? `${file} has no services` : `${file} has no service "${service}"`
  const steps =
    names.length === 0 ? ['probe an address: haup probe --tcp HOST:PORT'] : [`use one of: ${names.join(', ')}`]
  return new UserError(message, { code: 'probe.no-service', nextSteps: steps })
}
