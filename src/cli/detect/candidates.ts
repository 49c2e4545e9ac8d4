import type { Listen, WebServer } from './facts.ts'

/** Which URLs of a web server are worth asking. PURE. */

export type Candidate = { readonly url: string; readonly host: string | undefined }

/** Names that people give to what is only there to be asked. */
const HEALTH_PATHS = [
  '/haup-health',
  '/healthz',
  '/health',
  '/nginx_status',
  '/stub_status',
  '/server-status',
  '/basic_status',
]

/** Most different Host headers that are tried. */
const MOST_NAMES = 8

/** The plain port that is usual first, then the others, TLS last. Only what loopback reaches: the same on every node. */
export function loopbackListens({ listening, sites }: WebServer): Listen[] {
  const tls = new Set(sites.flatMap(({ listens }) => listens.filter(({ isTls }) => isTls).map(({ port }) => port)))
  const known = sites.flatMap(({ listens }) => listens.map(({ port }) => port))
  const isTls = (port: number): boolean => tls.has(port) || (!known.includes(port) && (port === 443 || port === 8443))
  const reachable = listening.flatMap(({ address, port }): Listen[] => {
    const at = address === '0.0.0.0' ? '127.0.0.1' : address
    return at.startsWith('127.') ? [{ address: at, port, isTls: isTls(port) }] : []
  })
  const rank = ({ port, isTls }: Listen): number => (isTls ? 3 : port === 80 ? 0 : port === 8080 ? 1 : 2)
  return reachable.toSorted((a, b) => rank(a) - rank(b))
}

/** It runs, and listens on addresses of the LAN alone: no URL is right on both boxes. */
export const hasNoLoopback = (server: WebServer): boolean =>
  server.listening.length > 0 && loopbackListens(server).length === 0

/** `/` as anybody gets it; then with the names of the sites. */
export function frontCandidates(server: WebServer): Candidate[] {
  const bases = loopbackListens(server).map(urlOf)
  const names = namesOf(server).slice(0, MOST_NAMES)
  const plain = bases.map((url) => ({ url, host: undefined }))
  return [...plain, ...names.flatMap((host) => bases.slice(0, 2).map((url) => ({ url, host })))]
}

/** Paths that the configuration mentions; apache's dump has none, so the usual ones are asked for. */
export function healthCandidates(server: WebServer): Candidate[] {
  const mentioned = new Set(server.sites.flatMap(({ paths }) => paths))
  const paths = HEALTH_PATHS.filter((path) => server.kind === 'apache' || mentioned.has(path))
  const hosts = [undefined, ...namesOf(server).slice(0, MOST_NAMES)]
  return loopbackListens(server).flatMap((listen) =>
    paths.flatMap((path) => hosts.map((host) => ({ url: urlOf(listen).replace(/\/$/, path), host }))),
  )
}

/** Names that can be asked for: no wildcards, patterns or placeholders. */
function namesOf({ sites }: WebServer): string[] {
  const names = sites.flatMap((site) => site.names)
  return [...new Set(names)].filter((name) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(name) && !/^[\d.]+$/.test(name))
}

export function urlOf({ address, port, isTls }: Listen): string {
  const [scheme, usual] = isTls ? ['https', 443] : ['http', 80]
  return `${scheme}://${address}${port === usual ? '' : `:${port}`}/`
}
