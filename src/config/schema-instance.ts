import * as z from 'zod'
import { ok } from '../shared/result.ts'
import { fromMillis, fromSeconds, ZERO } from '../shared/units.ts'
import {
  complain,
  type Reader,
  readBoolean,
  readDuration,
  readInteger,
  readIpv4,
  readOneOf,
  readPrefix,
} from './read.ts'
import { readFileName, readInterface, readLabel, readName } from './read-text.ts'
import { durationForm, scalar } from './scalar.ts'
import { notifySchema } from './schema-notify.ts'
import { byName, listOf } from './structure.ts'

/** The parts of haup.yaml below `nodes:` and `instances:`. */

const interfaceName = (description: string) => scalar({ type: 'string', description }, readInterface)

export const nodeSchema = z.strictObject({
  address: scalar({ type: 'string', format: 'ipv4', description: "The node's own address on the LAN" }, readIpv4),
  interface: interfaceName('Interface of that address; default: the one that has it').optional(),
  kind: scalar(
    {
      type: 'string',
      enum: ['haup', 'keepalived'],
      description: 'What speaks VRRP there; keepalived also stands for any other router',
    },
    readOneOf('haup', 'keepalived'),
  ).prefault('haup'),
  paths: listOf(
    scalar({ type: 'string', format: 'ipv4', description: 'A further own address' }, readIpv4),
    0,
    7,
    'Own addresses beside the one on the LAN, for the peer channel; in the same order on all nodes',
  ).prefault([]),
})

/** 0 and 1 have meanings of their own, which the message tells. */
const readPriority: Reader<number> = (value) => {
  const reserved = value === 0 ? '0 means "I release" and exists on the wire only' : RESERVED_ONE
  const remedy = value === 0 || value === 1 ? reserved : undefined
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= 2 && value <= 255
  return fits ? ok(value) : complain('a whole number from 2 to 255', value, remedy)
}

const RESERVED_ONE = 'haup keeps 1 for a node that steps back: "nobody else is left"'

const priority = scalar(
  { type: 'integer', minimum: 2, maximum: 255, description: 'The highest holds the addresses; 255 = owns them' },
  readPriority,
)

const PREFIX_FORM = {
  type: 'string',
  pattern: '^\\d+\\.\\d+\\.\\d+\\.\\d+(/\\d+)?$',
  description: 'ADDRESS/LENGTH; without a length /32',
} as const

const virtualAddressMapping = z.strictObject({
  address: scalar(PREFIX_FORM, readPrefix),
  interface: interfaceName("Where it is bound; default: the instance's interface").optional(),
  label: scalar({ type: 'string', maxLength: 15, description: 'Label, INTERFACE:NAME' }, readLabel).optional(),
})

const virtualAddress = z.union([scalar(PREFIX_FORM, readPrefix), virtualAddressMapping], {
  error: 'must be an address such as 192.0.2.100/24, or {address: ..., interface: ..., label: ...}',
})

const lowering = z.strictObject({
  lower_priority: scalar(
    { type: 'integer', minimum: 1, maximum: 253, description: 'Subtracted while the service is down' },
    readInteger(1, 253),
  ),
})

const onFailure = z.union(
  [scalar({ type: 'string', enum: ['release'], description: 'Give the addresses up' }, readOneOf('release')), lowering],
  { error: 'must be release or {lower_priority: NUMBER}' },
)

const trackMapping = z.strictObject({
  service: scalar({ type: 'string', description: 'A key of services' }, readName),
  on_failure: onFailure.prefault('release'),
})

const track = z.union([scalar({ type: 'string', description: 'A key of services' }, readName), trackMapping], {
  error: 'must be the name of a service, or {service: NAME, on_failure: ...}',
})

const checksum = z
  .strictObject({
    send: scalar(
      { type: 'string', enum: ['pseudo', 'message'], description: 'Form of our adverts' },
      readOneOf('pseudo', 'message'),
    ).prefault('pseudo'),
    accept: scalar(
      { type: 'string', enum: ['pseudo', 'message', 'both'], description: 'Forms taken from others' },
      readOneOf('pseudo', 'message', 'both'),
    ).prefault('pseudo'),
  })
  .describe('VRRPv3 only: with the pseudo-header (keepalived, FRR) or over the message alone (RFC 9568)')

const readVersion: Reader<2 | 3> = (value) => (value === 2 || value === 3 ? ok(value) : complain('2 or 3', value))

const longest = fromSeconds(3_600)

export const instanceSchema = z.strictObject({
  vrid: scalar(
    { type: 'integer', minimum: 1, maximum: 255, description: 'Virtual router id; unique on the LAN' },
    readInteger(1, 255),
  ),
  version: scalar({ type: 'integer', enum: [2, 3], description: 'VRRP version' }, readVersion).prefault(2),
  interface: interfaceName("Interface of the adverts; default: the node's").optional(),
  priority: byName(priority, 'a node', 64, 'By node; every node has one'),
  preempt: scalar(
    { type: 'boolean', description: 'Whether a repaired node of higher priority takes the addresses back' },
    readBoolean,
  ).prefault(true),
  preempt_delay: scalar(
    durationForm('How long a lower master is tolerated before it is preempted'),
    readDuration(ZERO, longest),
  ).prefault('0s'),
  advert_interval: scalar(
    durationForm('Time between adverts: version 2 whole seconds, version 3 steps of 10ms'),
    readDuration(fromMillis(10), fromSeconds(255)),
  ).prefault('1s'),
  password_file: scalar(
    { type: 'string', description: 'VRRPv2 only: file with the password, relative to this file' },
    readFileName('such as vrrp.pass'),
  ).optional(),
  checksum: checksum.optional(),
  virtual_addresses: listOf(virtualAddress, 1, 255, 'Addresses that move together, in the order of the adverts'),
  track: listOf(track, 0, 64, 'Services that must be well').prefault([]),
  when_all_down: scalar(
    { type: 'string', enum: ['hold', 'release'], description: 'Whether the last node with a failed service keeps on' },
    readOneOf('hold', 'release'),
  ).prefault('hold'),
  announce_refresh: scalar(
    durationForm('Gratuitous ARP again and again while master; 0s = never'),
    readDuration(ZERO, longest),
  ).prefault('1s'),
  gate: scalar(
    { type: 'string', enum: ['on', 'off'], description: 'Whether the kernel closes the addresses when adverts end' },
    readOneOf('on', 'off'),
  ).prefault('on'),
  notify: notifySchema.optional(),
})
