import { complain, type Reader, readInteger, readOneOf, refuse } from '../../config/read.ts'
import { readHost } from '../../config/read-text.ts'
import { ok, type Result } from '../../shared/result.ts'
import type { PoolServer } from '../../templates/side-files.ts'

/** Readers of answers about what is written beside haup.yaml. PURE. */

/** `none`: nothing special, the front page or `--probe-url`. */
export const HEALTH_LOCATIONS = ['none', 'existing', 'write'] as const
export const readHealthLocation = readOneOf(...HEALTH_LOCATIONS)

/** `print`: what is to be done is told, and left to the administrator. */
export const FIREWALL_CHOICES = ['print', 'apply', 'none'] as const
export const readFirewall = readOneOf(...FIREWALL_CHOICES)

export const UNIT_CHOICES = ['write', 'none'] as const
export const readUnitChoice = readOneOf(...UNIT_CHOICES)

export const readPort: Reader<number> = (value) =>
  readInteger(1, 65_535)(/^\d{1,9}$/.test(String(value)) ? Number(value) : value)

/** `250,240`: of the preferred node, and of the other one. Neither owns the addresses (255). */
export const readPriorities: Reader<{ readonly preferred: number; readonly other: number }> = (value) => {
  const [preferred = 0, other = 0, ...rest] = String(value)
    .split(/[\s,/]+/)
    .map(Number)
  const fit = [preferred, other].every((each) => readInteger(2, 254)(each).ok) && rest.length === 0
  if (!fit) return complain('two whole numbers from 2 to 254', value, 'such as 250,240')
  if (preferred <= other)
    return refuse('must have the higher one first, that of the preferred node', `${other},${preferred}`)
  return ok({ preferred, other })
}

/** A name as in a Host header, with a port if it has one. */
export const readHostHeader: Reader<string> = (value) => {
  const [host, port, ...rest] = String(value).split(':')
  const fits = readHost(host).ok && (port === undefined || readPort(port).ok) && rest.length === 0
  return fits ? ok(String(value)) : complain('a host name such as www.example.com', value)
}

const POOL_REMEDY = 'write each server as: 192.0.2.21:80 weight=1 max_fails=3 fail_timeout=20s'

/** nginx would try three times in 20 s before it leaves a server alone. */
const DEFAULTS = { weight: 1, maxFails: 3, failTimeout: '20s' }

/** `HOST:PORT [weight=N] [max_fails=N] [fail_timeout=TIME]`, separated by commas; port 80 when it is left out. */
export const readPool: Reader<readonly PoolServer[]> = (value) => {
  const items = String(value)
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  if (items.length === 0) return complain('one server at least', value, POOL_REMEDY)
  const servers: PoolServer[] = []
  for (const item of items) {
    const server = readServer(item)
    if (!server.ok) return server
    const twin = servers.some(({ host, port }) => host === server.value.host && port === server.value.port)
    if (twin) return refuse(`names ${server.value.host}:${server.value.port} twice`, 'give it a weight instead')
    servers.push(server.value)
  }
  return ok(servers)
}

function readServer(item: string): ReturnType<Reader<PoolServer>> {
  const [where = '', ...words] = item.split(/\s+/)
  const [host = '', portText = '80', ...rest] = where.split(':')
  const port = readPort(portText)
  if (!readHost(host).ok || !port.ok || rest.length > 0)
    return complain('a server such as 192.0.2.21:80', where, POOL_REMEDY)
  let server: PoolServer = { host, port: port.value, ...DEFAULTS }
  for (const word of words) {
    const changed = withParameter(server, word)
    if (!changed.ok) return changed
    server = changed.value
  }
  return ok(server)
}

function withParameter(
  server: PoolServer,
  word: string,
): Result<PoolServer, { message: string; remedy: string | undefined }> {
  const match = /^(weight|max_fails|fail_timeout)=(.*)$/.exec(word)
  const [, name, value = ''] = match ?? []
  const number = Number(value)
  const isNumber = /^\d{1,5}$/.test(value)
  if (name === 'weight' && isNumber && number > 0) return ok({ ...server, weight: number })
  if (name === 'max_fails' && isNumber) return ok({ ...server, maxFails: number })
  if (name === 'fail_timeout' && /^[1-9]\d{0,4}(s|m|h)$/.test(value)) return ok({ ...server, failTimeout: value })
  return complain('weight=N, max_fails=N or fail_timeout=TIME after a server', word, POOL_REMEDY)
}
