import type { Site } from './facts.ts'
import { absolute, type ConfigDump, type Directive, expandIncludes } from './nginx-syntax.ts'

/** What nginx's own configuration says, from `nginx -T`. PURE. */
export type NginxConfig = {
  readonly sites: readonly Site[]
  /** `pid`, when it is given. */
  readonly pidFile: string | undefined
  /** Where a file `*.conf` becomes part of the `http` block. */
  readonly includeDirectory: string | undefined
}

export function interpretNginxConfig(dump: ConfigDump): NginxConfig {
  const tree = expandIncludes(dump)
  const http = blocksOf(tree, 'http')
  const directory = dump.mainFile.slice(0, dump.mainFile.lastIndexOf('/'))
  return {
    sites: blocksOf(http, 'server').length === 0 ? [] : http.filter(({ name }) => name === 'server').map(interpretSite),
    pidFile: argOf(tree, 'pid'),
    includeDirectory: http
      .filter(({ name }) => name === 'include')
      .map(({ args: [glob = ''] }) => /^(.*)\/\*(?:\.conf)?$/.exec(absolute(glob, directory))?.[1])
      .filter((found) => found !== undefined)
      .toSorted((a, b) => rank(a) - rank(b))[0],
  }
}

/** `conf.d` is for whole files of anybody; `sites-enabled` is a person's. */
const rank = (directory: string): number => (directory.endsWith('/conf.d') ? 0 : 1)

const blocksOf = (directives: readonly Directive[], name: string): Directive[] =>
  directives.filter((each) => each.name === name).flatMap(({ block }) => block ?? [])

const argOf = (directives: readonly Directive[], name: string): string | undefined =>
  directives.find((each) => each.name === name)?.args[0]

function interpretSite({ block = [] }: Directive): Site {
  const listens = block.filter(({ name }) => name === 'listen').flatMap(({ args }) => interpretListen(args))
  const isOldTls = argOf(block, 'ssl') === 'on'
  return {
    // http://nginx.org/en/docs/http/ngx_http_core_module.html#listen: without one it is *:80.
    listens: (listens.length === 0 ? [{ address: '0.0.0.0', port: 80, isTls: false }] : listens).map((each) => ({
      ...each,
      isTls: each.isTls || isOldTls,
    })),
    names: block.filter(({ name }) => name === 'server_name').flatMap(({ args }) => args),
    paths: block.filter(({ name }) => name === 'location').flatMap(({ args }) => pathOf(args)),
  }
}

/** `80`, `192.0.2.100:443 ssl`, `localhost:8080`; unix sockets and IPv6 alone are left out. */
function interpretListen([where = '', ...words]: readonly string[]): Site['listens'] {
  if (where.startsWith('unix:') || (where.startsWith('[') && !where.startsWith('[::]'))) return []
  const match = /^(?:(\[::\]|[^:]*):)?(\d{1,5})$/.exec(where)
  const host = match === null ? where : match[1]
  const port = match === null ? 80 : Number(match[2])
  // An IPv6 wildcard takes IPv4 only when told so.
  if (host === '[::]' && !words.includes('ipv6only=off')) return []
  const address = host === undefined || host === '' || host === '*' || host === '[::]' ? '0.0.0.0' : host
  return [{ address: address === 'localhost' ? '127.0.0.1' : address, port, isTls: words.includes('ssl') }]
}

/** Paths that are plain prefixes or exact; regular expressions and named locations cannot be asked for. */
function pathOf(args: readonly string[]): string[] {
  const [first = '', second] = args
  if (first === '=' || first === '^~') return second === undefined ? [] : [second]
  return first.startsWith('/') ? [first] : []
}
