import { render } from './render.ts'

/** Files beside haup.yaml, from their templates. PURE. All values are checked already. */

/** Loopback: the same on every node, and nobody else's business. */
export const HEALTH_ADDRESS = '127.0.0.1'
export const HEALTH_PATH = '/haup-health'

export const healthUrl = (port: number): string => `http://${HEALTH_ADDRESS}:${port}${HEALTH_PATH}`

/** For `haup-health.nginx.conf` and `haup-health.apache.conf`. */
export const renderHealth = (template: string, port: number): string =>
  render(template, { address: HEALTH_ADDRESS, port, path: HEALTH_PATH })

/** One `server` of an nginx `upstream`; words and meanings are nginx's (ngx_http_upstream_module). */
export type PoolServer = {
  /** IPv4 address or host name. */
  readonly host: string
  readonly port: number
  readonly weight: number
  readonly maxFails: number
  /** `20s` */
  readonly failTimeout: string
}

export const renderUpstream = (template: string, name: string, servers: readonly PoolServer[]): string =>
  render(template, { name, servers })
