import { isIP } from 'node:net'
import { assertNever } from '../shared/errors.ts'
import { namesOf } from './process-names.ts'
import type { ProbeSpec, ServiceConfig } from './types.ts'

/** Where a service's main process is found. */
export type MainSource =
  | { readonly kind: 'unit'; readonly unit: string }
  /** `names`: what the process must be called, since a pid file can be stale; empty = anything. */
  | { readonly kind: 'pid-file'; readonly path: string; readonly names: readonly string[] }
  /** Whoever listens there. */
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'none'; readonly reason: string }

/** Pure: the surest source that the configuration names. `own`: addresses of this host, beside the loopback's. */
export function mainSourceOf({ restart, probes }: ServiceConfig, own: readonly string[]): MainSource {
  if (restart.kind === 'unit') return { kind: 'unit', unit: restart.unit }
  if (restart.kind === 'command' && restart.pidFile !== undefined) {
    return { kind: 'pid-file', path: restart.pidFile, names: namesOf(restart.argv[0] ?? '') }
  }
  const probed = probes.find((probe) => probe.kind === 'process')
  if (probed !== undefined) return { kind: 'pid-file', path: probed.pidFile, names: [] }
  const port = probes.map((probe) => localPort(probe, own)).find((found) => found !== undefined)
  return port === undefined ? { kind: 'none', reason: NOWHERE } : { kind: 'port', port }
}

const NOWHERE = 'neither a unit nor a pid file nor a probe of this host tells which process it is'

function localPort(probe: ProbeSpec, own: readonly string[]): number | undefined {
  switch (probe.kind) {
    case 'tcp':
      return isLocal(probe.host, own) ? probe.port : undefined
    case 'http': {
      const { hostname, port, protocol } = new URL(probe.url)
      if (!isLocal(hostname.replace(/^\[|\]$/g, ''), own)) return undefined
      return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
    }
    case 'process':
    case 'command':
      return undefined
    default:
      return assertNever(probe)
  }
}

const isLocal = (host: string, own: readonly string[]): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.')) || own.includes(host)
