import { assertNever, messageOf } from '../shared/errors.ts'
import { printable } from '../shared/log.ts'
import { formatDuration, type Micros, toMillis, ZERO } from '../shared/units.ts'
import { type Bounds, bad, stopwatch, type Verdict } from './attempt.ts'
import { probeCommand } from './command.ts'
import { probeHttp } from './http.ts'
import { probeProcess } from './process.ts'
import { probeTcp } from './tcp.ts'
import type { ProbeResult, ProbeSpec } from './types.ts'

/**
 * Runs one probe. Resolves always: when the probe is done, at `timeout`, or when `signal` aborts (a bad result then,
 * too). A probe that does not let go in time is left behind after a further `MARGIN_MS`.
 */
export async function runProbe(
  spec: ProbeSpec,
  timeout: Micros,
  signal: AbortSignal,
  hungAfter?: Micros,
): Promise<ProbeResult> {
  if (signal.aborted) return { probe: describeProbe(spec), ok: false, detail: 'stopped', took: ZERO }
  const took = stopwatch()
  const bound = new AbortController()
  const stop = (): void => bound.abort()
  const timer = setTimeout(stop, toMillis(timeout))
  signal.addEventListener('abort', stop)
  try {
    const verdict = await attempt(spec, { limit: timeout, signal: bound.signal, hungAfter })
    const shown = signal.aborted && !verdict.ok ? bad('stopped') : verdict
    const { ok, answered, hung } = shown
    return { probe: describeProbe(spec), ok, detail: printable(shown.detail), took: took(), answered, hung }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** `http 127.0.0.1:8080/healthz`: the probe's name for people, never with a password. */
export function describeProbe(spec: ProbeSpec): string {
  switch (spec.kind) {
    case 'tcp':
      return printable(`tcp ${spec.host.includes(':') ? `[${spec.host}]` : spec.host}:${spec.port}`)
    case 'http':
      return printable(`${describeUrl(spec.url)}${spec.host === undefined ? '' : ` as ${spec.host}`}`)
    case 'process':
      return printable(`process ${spec.pidFile}`)
    case 'command':
      return printable(`command ${spec.argv.join(' ')}`)
    default:
      return assertNever(spec)
  }
}

function describeUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null) return `http ${text}`
  return `${url.protocol.slice(0, -1)} ${url.host}${url.pathname}${url.search}`
}

const MARGIN_MS = 100

function attempt(spec: ProbeSpec, bounds: Bounds): Promise<Verdict> {
  return new Promise((resolve) => {
    const leave = (): void => {
      setTimeout(resolve, MARGIN_MS, bad(`no result within ${formatDuration(bounds.limit)}`))
    }
    bounds.signal.addEventListener('abort', leave)
    dispatch(spec, bounds)
      .catch((error: unknown) => bad(messageOf(error)))
      .then(resolve, resolve)
  })
}

function dispatch(spec: ProbeSpec, bounds: Bounds): Promise<Verdict> {
  switch (spec.kind) {
    case 'tcp':
      return probeTcp(spec, bounds)
    case 'http':
      return probeHttp(spec, bounds)
    case 'process':
      return probeProcess(spec, bounds)
    case 'command':
      return probeCommand(spec, bounds)
    default:
      return assertNever(spec)
  }
}
