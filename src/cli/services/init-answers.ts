import { complaintAbout } from '../../config/check-password.ts'
import { complain, type Reader, readDuration, readInteger, readOneOf } from '../../config/read.ts'
import { readArgv, readStatus, readUnit, readUrl } from '../../config/read-text.ts'
import type { RestartMethod } from '../../probes/types.ts'
import { err, ok } from '../../shared/result.ts'
import { fromMillis, fromSeconds, type Micros, toMillis } from '../../shared/units.ts'

/**
 * Answers of `haup init`: texts, wherever they come from (a flag, an answers file, the wizard, a proposal). Each reader
 * turns one text into a checked value. PURE.
 */

export const ANSWER_KEYS = [
  'cluster',
  'node',
  'address',
  'interface',
  'peer',
  'peer-address',
  'vip',
  'active-active',
  'instance',
  'prefer',
  'priority',
  'vrid',
  'vrrp-version',
  'advert-interval',
  'preempt',
  'password',
  'service',
  'health-location',
  'health-port',
  'probe-url',
  'probe-host',
  'probe-status',
  'restart',
  'pid-file',
  'config-test',
  'restart-budget',
  'notify-master',
  'notify-backup',
  'notify-fault',
  'notify-stop',
  'notify',
  'pool',
  'pool-name',
  'systemd-unit',
  'nonlocal-bind',
  'firewall',
  'no-peer',
  'second-line',
  'witness',
] as const

export type AnswerKey = (typeof ANSWER_KEYS)[number]
export type Answers = Readonly<Partial<Record<AnswerKey, string>>>

/** Answers that may be left empty. */
export const NONE = 'none'

export const listItems = (text: string): string[] => text.split(/[\s,]+/).filter((item) => item !== '')

const readList =
  <T>(read: Reader<T>): Reader<readonly T[]> =>
  (value) => {
    const items = listItems(String(value))
    if (items.length === 0) return err({ message: 'must not be empty', remedy: undefined })
    const values: T[] = []
    for (const item of items) {
      const result = read(item)
      if (!result.ok) return result
      values.push(result.value)
    }
    return ok(values)
  }

/** Like in the file, but kept as texts: the ranges are written as they were given. */
export const readStatuses: Reader<readonly string[]> = (value) => {
  const ranges = readList(readStatus)(value)
  return ranges.ok ? ok(listItems(String(value))) : ranges
}

const digits = (value: unknown): unknown => (/^\d{1,9}$/.test(String(value)) ? Number(value) : value)

export const readVrid: Reader<number> = (value) => readInteger(1, 255)(digits(value))

export const readVersion: Reader<2 | 3> = (value) => {
  const choice = readOneOf('2', '3')(value)
  return choice.ok ? ok(choice.value === '2' ? 2 : 3) : choice
}

export const readYesNo: Reader<boolean> = (value) => {
  const choice = readOneOf('yes', 'no')(value)
  return choice.ok ? ok(choice.value === 'yes') : choice
}

/** The versions differ in what fits on the wire. */
export const readAdvertInterval =
  (version: 2 | 3): Reader<Micros> =>
  (value) => {
    const longest = version === 2 ? fromSeconds(255) : fromMillis(40_950)
    const step = version === 2 ? 1_000 : 10
    const duration = readDuration(fromMillis(step), longest)(value)
    if (!duration.ok || toMillis(duration.value) % step === 0) return duration
    return complain(version === 2 ? 'whole seconds with VRRPv2' : 'in steps of 10ms', value)
  }

/** What a person might write for a shell, and means something else without one. */
const FOR_A_SHELL = /["'`\\]|\$[({A-Za-z]|(?:^|\s)(?:[;&|<>]|\d>)|;(?:\s|$)/

/** Split at spaces. */
export const readCommand: Reader<readonly string[]> = (value) => {
  const text = String(value)
  const found = FOR_A_SHELL.exec(text)
  if (found === null) return readArgv(text.split(/\s+/).filter((word) => word !== ''))
  const message = `has the sign ${found[0].trim()}, which only a shell understands; haup asks none, and splits at spaces`
  return err({ message, remedy: 'put it into a script, or edit the list of arguments in haup.yaml afterwards' })
}

/** `none`, a unit (`nginx.service`), or an absolute command with arguments, split at spaces. */
export const readRestart: Reader<RestartMethod> = (value) => {
  if (value === NONE) return ok({ kind: 'none' })
  const text = String(value)
  if (text.startsWith('/')) {
    const argv = readCommand(text)
    return argv.ok ? ok({ kind: 'command', argv: argv.value, pidFile: undefined }) : argv
  }
  const unit = readUnit(text)
  if (unit.ok) return ok({ kind: 'unit', unit: unit.value })
  return complain('a systemd service, an absolute command, or none', value, 'such as nginx.service or /usr/sbin/nginx')
}

export const readCommandOrNone: Reader<readonly string[] | undefined> = (value) =>
  value === NONE ? ok(undefined) : readCommand(value)

/** A URL whose host can be probed by TCP over IPv4. */
export const readProbeUrl: Reader<string> = (value) => {
  const url = readUrl(value)
  if (!url.ok || !new URL(url.value).hostname.includes(':')) return url
  return complain('a URL with an IPv4 address or a host name', value, 'such as http://127.0.0.1/')
}

/** Empty = no password. */
export const readPassword: Reader<string> = (value) => {
  const text = String(value)
  const why = text === '' ? undefined : complaintAbout(new TextEncoder().encode(text))
  return why === undefined ? ok(text) : err({ message: why, remedy: 'give 1 to 8 characters' })
}

export const optional =
  <T>(read: Reader<T>): Reader<T | undefined> =>
  (value) =>
    value === '' ? ok(undefined) : read(value)
