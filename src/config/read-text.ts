import { ok, type Result } from '../shared/result.ts'
import { type Micros, parseDuration } from '../shared/units.ts'
import { type Complaint, complain, type Reader, readIpv4, refuse } from './read.ts'

/** Readers of texts with a form of their own: names, paths, argument lists, URLs, budgets. PURE, like read.ts. */

/** Names of clusters, nodes, instances and services. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/
export const NAME_HELP = 'letters, digits, "-", "_" and ".", at most 63, beginning with a letter or digit'

/** Linux: at most 15 bytes; ":" belongs to labels, "%" to address scopes. */
const INTERFACE_PATTERN = /^(?!\.{1,2}$)[^\s/:%\p{Cc}]{1,15}$/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/

export const matching =
  (pattern: RegExp, expected: string, remedy?: string): Reader<string> =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? ok(value) : complain(expected, value, remedy)

export const readName = matching(NAME_PATTERN, 'a name', `use ${NAME_HELP}`)
export const readInterface = matching(INTERFACE_PATTERN, 'an interface name such as eth0 (at most 15 characters)')
/** Kernel limit of IFA_LABEL: 15 characters. That it begins with the interface's name is a cross check. */
export const readLabel = matching(/^[^\s\p{Cc}]{1,15}$/u, 'a label such as eth0:1 (at most 15 characters)')
export const readPath = matching(/^\/[^\p{Cc}]{0,4000}$/u, 'an absolute path', 'begin it with /')
/** A path that may be relative to the directory of haup.yaml. */
export const readFileName =
  (remedy: string): Reader<string> =>
  (value) => {
    const path = typeof value === 'string' ? readPath(`/${value}`) : complain('a path', value)
    return path.ok && value !== '' ? ok(path.value.slice(1)) : complain('a path', value, remedy)
  }
export const readUser = matching(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/, 'a user name')
export const readUnit = matching(
  /^[A-Za-z0-9:_.\\@-]{1,200}(?<!@)\.service$/,
  'the name of a systemd service',
  'write it with its ending, such as nginx.service',
)
/** Any text in one line, not empty. */
export const readLine: Reader<string> = (value) =>
  typeof value === 'string' && value !== '' && value.length <= 4_000 && !CONTROL.test(value)
    ? ok(value)
    : complain('a text of one line', value)

/** Arguments of a command; the command is absolute or found in PATH. It is never given to a shell. */
export const readArgv: Reader<readonly string[]> = (value) => {
  if (!Array.isArray(value) || value.length === 0) {
    const remedy = typeof value === 'string' ? `write [${value.trim().split(/\s+/).join(', ')}]` : undefined
    return complain('a list of a command and its arguments', value, remedy)
  }
  const words: string[] = []
  for (const word of value) {
    const text = typeof word === 'number' ? String(word) : word
    if (typeof text !== 'string' || CONTROL.test(text)) return complain('a list of texts', word, 'quote each argument')
    words.push(text)
  }
  const command = words[0] ?? ''
  if (command === '' || (command.includes('/') && !command.startsWith('/'))) {
    return refuse(`begins with "${command}", which is no absolute path`, 'write the whole path, or a bare command name')
  }
  return ok(words)
}

export const readUrl: Reader<string> = (value) => {
  if (typeof value !== 'string' || !URL.canParse(value)) {
    return complain('a URL', value, 'such as http://127.0.0.1/ or https://127.0.0.1/healthz')
  }
  const url = new URL(value)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return complain('a URL with http or https', value)
  if (url.username !== '' || url.password !== '') {
    return refuse('must not hold a user or password', 'put them into headers: {Authorization: ...}')
  }
  if (url.port === '0') return complain('a URL with a port from 1 to 65535', value)
  return CONTROL.test(value) ? complain('a URL of one line', value) : ok(value)
}

/** Where a TCP probe connects to: an address or a host name. */
export const readHost: Reader<string> = (value) => {
  const isName = typeof value === 'string' && /^(?!-)[A-Za-z0-9.-]{1,253}$/.test(value) && /[A-Za-z]/.test(value)
  const isAddress = typeof value === 'string' && (/^127\.\d+\.\d+\.\d+$/.test(value) || readIpv4(value).ok)
  return isName || isAddress ? ok(value) : complain('an IPv4 address or a host name', value)
}

export type Endpoint = { readonly host: string; readonly port: number }

/** `HOST:PORT` */
export const readEndpoint: Reader<Endpoint> = (value) => {
  const match = /^(.+):(\d{1,5})$/.exec(asText(value))
  const host = readHost(match?.[1])
  const port = Number(match?.[2])
  const fits = match !== null && host.ok && port >= 1 && port <= 65_535
  return fits ? ok({ host: host.value, port }) : complain('HOST:PORT', value, 'such as 192.0.2.1:53')
}

/** One code (200) or a range of codes ("200-399"). */
export const readStatus: Reader<readonly [number, number]> = (value) => {
  const match = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(typeof value === 'number' ? String(value) : asText(value))
  const [low, high] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])]
  if (match === null) return complain('an HTTP status such as 200 or a range such as 200-399', value)
  return low <= high ? ok([low, high]) : complain('a range from low to high', value, `write ${high}-${low}`)
}

export const readRegex: Reader<RegExp> = (value) => {
  if (typeof value !== 'string' || value === '') return complain('a regular expression', value)
  try {
    return ok(new RegExp(value))
  } catch (error) {
    return refuse(
      `is no regular expression: ${error instanceof Error ? error.message : ''}`,
      'quote it with single quotes',
    )
  }
}

export type Budget = { readonly restarts: number; readonly within: Micros }

/** `2 within 60s` */
export const readBudget: Reader<Budget> = (value) => {
  const match = /^(\d{1,3}) within (\S+)$/.exec(asText(value).trim())
  const within = parseDuration(match?.[2] ?? '')
  if (match === null || within === undefined || within === 0) {
    return complain('a number of restarts and a time', value, 'write it as: 2 within 60s')
  }
  return Number(match[1]) <= 100 ? ok({ restarts: Number(match[1]), within }) : complain('at most 100 restarts', value)
}

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/

export const readHeaders: Reader<Readonly<Record<string, string>>> = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return complain('a mapping of headers', value)
  const headers: Record<string, string> = {}
  for (const [name, text] of Object.entries(value)) {
    const checked = readHeader(name, text)
    if (!checked.ok) return checked
    headers[name] = checked.value
  }
  return ok(headers)
}

function readHeader(name: string, value: unknown): Result<string, Complaint> {
  if (!HEADER_NAME.test(name)) return refuse(`"${name}" is no name of an HTTP header`)
  if (/^(host|connection|content-length|transfer-encoding)$/i.test(name)) {
    const remedy = name.toLowerCase() === 'host' ? 'use the key host' : undefined
    return refuse(`the header ${name} is set by haup itself`, remedy)
  }
  const text = typeof value === 'number' ? String(value) : value
  const fits = typeof text === 'string' && /^[\t\u0020-\u007e\u0080-\u00ff]{0,4000}$/.test(text)
  return fits ? ok(text) : complain(`one line of text for the header ${name}`, value)
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '')
