import * as z from 'zod'
import { fromMillis, fromSeconds, ZERO } from '../shared/units.ts'
import { readDuration, readInteger, readOneOf } from './read.ts'
import {
  readArgv,
  readBudget,
  readHeaders,
  readHost,
  readLine,
  readPath,
  readRegex,
  readStatus,
  readUnit,
  readUrl,
  readUser,
} from './read-text.ts'
import { argvForm, DURATION_PATTERN, durationForm, scalar } from './scalar.ts'
import { exactlyOne, listOf } from './structure.ts'

/** The part of haup.yaml below `services:`. */

const tcp = z
  .strictObject({
    port: scalar({ type: 'integer', minimum: 1, maximum: 65535, description: 'TCP port' }, readInteger(1, 65_535)),
    host: scalar({ type: 'string', description: 'Where to connect to' }, readHost).prefault('127.0.0.1'),
  })
  .describe('Good when a TCP connection is accepted')

const STATUS_FORM = {
  type: ['integer', 'string'],
  pattern: '^[1-5]\\d\\d(-[1-5]\\d\\d)?$',
  description: 'A status code, or a range such as 200-399',
} as const

const http = z
  .strictObject({
    url: scalar({ type: 'string', format: 'uri', description: 'http or https URL' }, readUrl),
    status: listOf(scalar(STATUS_FORM, readStatus), 1, 50, 'Accepted status codes').prefault(['200-399']),
    method: scalar({ type: 'string', enum: ['GET', 'HEAD'], description: 'Method' }, readOneOf('GET', 'HEAD')).prefault(
      'GET',
    ),
    host: scalar({ type: 'string', description: 'Host header, when it differs from the URL' }, readLine).optional(),
    headers: scalar(
      { type: 'object', additionalProperties: { type: 'string' }, description: 'Further request headers' },
      readHeaders,
    ).prefault({}),
    body: scalar({ type: 'string', description: 'Text that the body must contain' }, readLine).optional(),
    body_regex: scalar(
      { type: 'string', format: 'regex', description: 'Regular expression that the body must match' },
      readRegex,
    ).optional(),
    sni: scalar({ type: 'string', description: 'https: server name to ask for and to verify' }, readHost).optional(),
    ca: scalar(
      { type: 'string', description: 'https: who vouches for the certificate: system, none, or a PEM file' },
      (value) => (value === 'system' || value === 'none' ? { ok: true, value } : readPath(value)),
    ).optional(),
  })
  .superRefine((http, context) => {
    const complain = (key: string, message: string, remedy: string) =>
      context.addIssue({ code: 'custom', path: [key], message, params: { remedy }, input: http })
    if (http.body !== undefined && http.body_regex !== undefined) {
      complain('body_regex', 'cannot stand beside body', 'keep one of the two')
    }
    for (const key of ['body', 'body_regex'] as const) {
      const asksForBody = http[key] !== undefined && http.method === 'HEAD'
      if (asksForBody) complain(key, 'cannot be checked: an answer to HEAD has no body', 'write method: GET')
    }
    for (const key of ['sni', 'ca'] as const) {
      const isPlain = http[key] !== undefined && new URL(http.url).protocol === 'http:'
      if (isPlain) complain(key, 'has a meaning for https only', 'write an https URL, or remove it')
    }
  })
  .describe('Good when the answer has an accepted status and body')

const process = z
  .strictObject({
    pid_file: scalar({ type: 'string', description: "The server's pid file" }, readPath),
  })
  .describe('Good when the process named by a pid file lives')

const command = z
  .strictObject({
    argv: scalar(argvForm('Command and arguments; never given to a shell'), readArgv),
    user: scalar(
      { type: 'string', description: 'User to run as; the engine itself runs as root' },
      readUser,
    ).optional(),
  })
  .describe('Good when the command exits with 0')

export const PROBE_KINDS = ['tcp', 'http', 'process', 'command'] as const

const probe = exactlyOne(
  z.strictObject({
    tcp: tcp.optional(),
    http: http.optional(),
    process: process.optional(),
    command: command.optional(),
  }),
  PROBE_KINDS,
)

const restartMapping = exactlyOne(
  z.strictObject({
    unit: scalar({ type: 'string', description: 'systemd unit' }, readUnit).optional(),
    argv: scalar(argvForm('Command that starts the server'), readArgv).optional(),
    pid_file: scalar(
      { type: 'string', description: 'Pid file of the server that argv starts: an old, hung process is ended first' },
      readPath,
    ).optional(),
  }),
  ['unit', 'argv'],
).superRefine((restart, context) => {
  if (restart.unit === undefined || restart.pid_file === undefined) return
  const params = { remedy: 'remove it: systemd knows the process; to probe it, write a process probe' }
  context.addIssue({ code: 'custom', path: ['pid_file'], message: 'belongs to argv only', params, input: restart })
})

const restart = z
  .union(
    [scalar({ type: 'string', enum: ['none'], description: 'Never restart' }, readOneOf('none')), restartMapping],
    {
      error: 'must be none, {unit: ...} or {argv: [...]}',
    },
  )
  .describe('How the server is started again when it failed')

export const serviceSchema = z.strictObject({
  probes: listOf(probe, 1, 16, 'All must be good'),
  interval: scalar(
    durationForm('From the end of one round of probes to the start of the next'),
    readDuration(fromMillis(100), fromSeconds(3_600)),
  ).prefault('1s'),
  timeout: scalar(durationForm('How long one probe may take'), readDuration(fromMillis(10), fromSeconds(60))).prefault(
    '1s',
  ),
  rise: scalar(
    { type: 'integer', minimum: 1, maximum: 100, description: 'Successive good rounds until healthy' },
    readInteger(1, 100),
  ).prefault(2),
  fall: scalar(
    { type: 'integer', minimum: 1, maximum: 100, description: 'Successive bad rounds until failed' },
    readInteger(1, 100),
  ).prefault(2),
  config_test: scalar(argvForm('Must exit with 0 before a restart is tried'), readArgv).optional(),
  restart: restart.prefault('none'),
  restart_budget: scalar(
    {
      type: 'string',
      pattern: `^\\d{1,3} within ${DURATION_PATTERN.slice(1)}`,
      description: 'Restarts before the address is yielded',
    },
    readBudget,
  ).prefault('2 within 60s'),
  settle: scalar(
    durationForm('How long a restarted server may take to pass its probes'),
    readDuration(fromMillis(100), fromSeconds(600)),
  ).prefault('3s'),
  patience: scalar(
    durationForm('How long a restart may take before the addresses are yielded to another node that is ready'),
    readDuration(ZERO, fromSeconds(600)),
  ).prefault('500ms'),
  hung_after: scalar(
    durationForm('How long a server that usually answers ten times sooner may leave a connection unaccepted'),
    readDuration(fromMillis(100), fromSeconds(600)),
  ).optional(),
})
