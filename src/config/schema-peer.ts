import * as z from 'zod'
import { fromMillis, fromSeconds } from '../shared/units.ts'
import { readDuration, readInteger, readIpv4 } from './read.ts'
import { readArgv, readEndpoint, readFileName, readLine, readName, readPath, readUrl, readUser } from './read-text.ts'
import { argvForm, durationForm, scalar } from './scalar.ts'
import { exactlyOne, listOf } from './structure.ts'

/** The parts of haup.yaml below `peer:`, `witness:` and `fencing:`. */

export const DEFAULT_KEY_FILE = 'cluster.key'
export const DEFAULT_PEER_PORT = 7112

export const peerSchema = z
  .strictObject({
    key_file: scalar(
      { type: 'string', description: 'File with the key of the cluster, relative to this file' },
      readFileName('such as cluster.key'),
    ).prefault(DEFAULT_KEY_FILE),
    port: scalar(
      { type: 'integer', minimum: 1, maximum: 65535, description: 'UDP and TCP port, the same on all nodes' },
      readInteger(1, 65_535),
    ).prefault(DEFAULT_PEER_PORT),
  })
  .describe('The channel between haup nodes; left out: they know of each other by adverts and ARP only')

const count = (description: string) =>
  scalar({ type: 'integer', minimum: 1, maximum: 100, description }, readInteger(1, 100))

const url = (description: string) => scalar({ type: 'string', format: 'uri', description }, readUrl)
const file = (description: string) => scalar({ type: 'string', description }, readPath)

const leaseMapping = exactlyOne(
  z.strictObject({
    http: url('Resource that GET, PUT with If-Match and If-None-Match: * work on').optional(),
    etcd: listOf(url('An endpoint'), 1, 9, 'Endpoints of one etcd cluster').optional(),
    prefix: scalar({ type: 'string', description: 'etcd: what its keys begin with' }, readLine).optional(),
    ttl: scalar(
      durationForm('How long the lease lasts that is not renewed'),
      readDuration(fromSeconds(1), fromSeconds(3_600)),
    ).prefault('10s'),
    ca: file('https: PEM file of who vouches for the server; default: the system').optional(),
    cert: file('https: PEM file of our own certificate').optional(),
    key: file('https: PEM file of its key').optional(),
    user: scalar({ type: 'string', description: 'User to log in as' }, readUser).optional(),
    password_file: scalar(
      { type: 'string', description: "File with the user's password, relative to this file" },
      readFileName('such as lease.pass'),
    ).optional(),
  }),
  ['http', 'etcd'],
)

const lease = leaseMapping
  .superRefine((lease, context) => {
    const complain = (path: string[], message: string, remedy: string) =>
      context.addIssue({ code: 'custom', path, message, params: { remedy }, input: lease })
    for (const [one, other] of [
      ['cert', 'key'],
      ['key', 'cert'],
      ['user', 'password_file'],
      ['password_file', 'user'],
    ] as const) {
      if (lease[one] !== undefined && lease[other] === undefined) {
        complain([one], `is of no use without ${other}`, `add ${other}, or remove ${one}`)
      }
    }
    if (lease.prefix !== undefined && lease.etcd === undefined) {
      complain(['prefix'], 'has a meaning for etcd only', 'remove it')
    }
    const plain = [lease.http, ...(lease.etcd ?? [])].find((each) => each?.startsWith('http:'))
    for (const key of ['ca', 'cert'] as const) {
      if (lease[key] !== undefined && plain !== undefined) {
        complain([key], `has a meaning for https only, and there is ${plain}`, 'write https URLs, or remove it')
      }
    }
  })
  .describe('An arbiter: whoever has this lease holds')

export const REACHABILITY_KINDS = ['ping', 'arp', 'tcp', 'http'] as const

const address = (description: string) => scalar({ type: 'string', format: 'ipv4', description }, readIpv4)

const ENDPOINT_FORM = { type: 'string', pattern: '^.+:\\d+$', description: 'Good when HOST:PORT accepts' } as const

export const witnessSchema = exactlyOne(
  z.strictObject({
    name: scalar({ type: 'string', description: 'Name of the witness' }, readName),
    ping: address('Good when it answers to ping').optional(),
    arp: address('Good when it answers to ARP').optional(),
    tcp: scalar(ENDPOINT_FORM, readEndpoint).optional(),
    http: url('Good when it answers, whatever the status').optional(),
    lease: lease.optional(),
    interval: scalar(
      durationForm('From one look to the next'),
      readDuration(fromMillis(100), fromSeconds(3_600)),
    ).prefault('1s'),
    timeout: scalar(durationForm('How long one may take'), readDuration(fromMillis(10), fromSeconds(60))).prefault(
      '1s',
    ),
    rise: count('Answers in a row until it is there').prefault(2),
    fall: count('Missing answers in a row until it is not').prefault(3),
  }),
  [...REACHABILITY_KINDS, 'lease'],
)

export const fencingSchema = z
  .strictObject({
    argv: scalar(argvForm('Command and arguments; {node} becomes the name of the silent node'), readArgv),
    timeout: scalar(
      durationForm('How long it may take before it is killed and has failed'),
      readDuration(fromMillis(100), fromSeconds(300)),
    ).prefault('10s'),
  })
  .describe('Run before a claim when a haup node is silent on all paths')
