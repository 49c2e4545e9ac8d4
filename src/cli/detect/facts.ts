import type { Ipv4 } from '../../shared/ip.ts'

/** What `haup init` sees of this box before it proposes anything. */
export type HostFacts = {
  /** Short: up to the first dot. */
  readonly hostname: string
  /** IPv4 addresses of real interfaces, the default route's first. */
  readonly addresses: readonly HostAddress[]
  readonly webServer: WebServer | undefined
  readonly keepalived: KeepalivedFacts | undefined
}

export type HostAddress = { readonly interface: string; readonly address: Ipv4; readonly length: number }

export type WebServer = {
  readonly kind: 'nginx' | 'apache'
  /** Absolute path of what tests the configuration and starts the server (`nginx`, `apache2ctl`). */
  readonly control: string
  readonly pidFile: string | undefined
  /** systemd unit, if systemd runs and knows one. */
  readonly unit: string | undefined
  readonly isRunning: boolean
  readonly listening: readonly Listening[]
}

/** `address` is 0.0.0.0 for a socket that takes connections to any IPv4 address. */
export type Listening = { readonly address: string; readonly port: number }

export type KeepalivedFacts = { readonly version: 2 | 3; readonly vrids: readonly number[] }
