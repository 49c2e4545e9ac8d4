import { err, ok, type Result } from '../shared/result.ts'
import type { ControlRequest, ControlResponse, Status } from './messages.ts'

/** A list longer than this is a mistake: there are 255 VRIDs on an interface. */
const MAX_INSTANCES = 256
/** Longest hold: 30 days. Whoever wants longer says it with no end (`hold_ms: null`). */
export const MAX_HOLD_MS = 30 * 86_400_000

/** As in the configuration. */
const INSTANCE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/

/** Decides whether text may stand for an instance in a request; whether there is such an instance the engine knows. */
export const isInstanceName = (value: unknown): value is string =>
  typeof value === 'string' && INSTANCE_NAME.test(value)

/** The same for a node. */
export const isNodeName = isInstanceName

/** Reads a request off the control socket; the error says what is wrong with it. Never throws. */
export function parseControlRequest(value: unknown): Result<ControlRequest, string> {
  if (!isRecord(value)) return err('the request is not a JSON object')
  if (value.kind === 'reload') {
    const unknown = unknownKey(value, ['kind'])
    return unknown === undefined ? ok({ kind: 'reload' }) : err(unknown)
  }
  if (value.kind === 'resume') {
    const unknown = unknownKey(value, ['kind'])
    return unknown === undefined ? ok({ kind: 'resume' }) : err(unknown)
  }
  if (value.kind === 'standby') {
    const unknown = unknownKey(value, ['kind', 'hold_ms', 'strict', 'force'])
    if (unknown !== undefined) return err(unknown)
    const hold = parseHold(value.hold_ms)
    const switches = parseSwitches(value, ['strict', 'force'])
    if (!switches.ok) return switches
    return hold.ok ? ok({ kind: 'standby', hold_ms: hold.value, ...switches.value }) : hold
  }
  const instances = parseInstances(value.instances)
  if (!instances.ok) return instances
  switch (value.kind) {
    case 'failover':
      return parseFailover(value, instances.value)
    case 'back': {
      const unknown = unknownKey(value, ['kind', 'instances'])
      return unknown === undefined ? ok({ kind: 'back', instances: instances.value }) : err(unknown)
    }
    default:
      return err('"kind" is none of "failover", "back", "standby", "resume" and "reload"')
  }
}

function parseFailover(
  value: Readonly<Record<string, unknown>>,
  instances: readonly string[],
): Result<ControlRequest, string> {
  const unknown = unknownKey(value, ['kind', 'instances', 'hold_ms', 'to', 'force'])
  if (unknown !== undefined) return err(unknown)
  const hold = parseHold(value.hold_ms)
  if (!hold.ok) return hold
  const switches = parseSwitches(value, ['force'])
  if (!switches.ok) return switches
  const request = { kind: 'failover', instances, hold_ms: hold.value, ...switches.value } as const
  const { to } = value
  if (to === undefined) return ok(request)
  return isNodeName(to) ? ok({ ...request, to }) : err('"to" is no name of a node')
}

/** Those of these keys that are there; each is true or false. */
function parseSwitches<K extends string>(
  value: Readonly<Record<string, unknown>>,
  keys: readonly K[],
): Result<Partial<Record<K, boolean>>, string> {
  const found: Partial<Record<K, boolean>> = {}
  for (const key of keys) {
    const given = value[key]
    if (given === undefined) continue
    if (typeof given !== 'boolean') return err(`"${key}" is neither true nor false`)
    found[key] = given
  }
  return ok(found)
}

/** Checks the outer shape of the engine's answer; the engine is trusted, its version may be another one. */
export const isStatus = (value: unknown): value is Status =>
  isRecord(value) &&
  value.format === 1 &&
  typeof value.node === 'string' &&
  [value.instances, value.services, value.peers, value.warnings].every(
    (part) => Array.isArray(part) && part.every(isRecord),
  )

export const isControlResponse = (value: unknown): value is ControlResponse => {
  if (!isRecord(value)) return false
  if (value.ok === true) return isOutcomes(value.outcomes) || isChanges(value.changes)
  return isFailure(value)
}

const isOutcomes = (value: unknown): boolean => Array.isArray(value) && value.every(isRecord)

const isChanges = (value: unknown): boolean =>
  Array.isArray(value) && value.every((change) => typeof change === 'string')

export type ControlFailure = Extract<ControlResponse, { readonly ok: false }>

export const isFailure = (value: unknown): value is ControlFailure =>
  isRecord(value) &&
  value.ok === false &&
  typeof value.code === 'string' &&
  typeof value.message === 'string' &&
  Array.isArray(value.next_steps) &&
  value.next_steps.every((step) => typeof step === 'string')

function parseInstances(value: unknown): Result<readonly string[], string> {
  if (!Array.isArray(value)) return err('"instances" is not a list')
  if (value.length > MAX_INSTANCES) return err('"instances" is too long')
  const names: string[] = []
  for (const name of value as readonly unknown[]) {
    if (!isInstanceName(name)) return err('"instances" holds something that is no instance name')
    if (!names.includes(name)) names.push(name)
  }
  return ok(names)
}

function parseHold(value: unknown): Result<number | null, string> {
  if (value === null) return ok(null)
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_HOLD_MS) return ok(value)
  return err(`"hold_ms" is neither null nor a whole number of milliseconds from 1 to ${MAX_HOLD_MS}`)
}

const unknownKey = (value: Readonly<Record<string, unknown>>, known: readonly string[]): string | undefined =>
  Object.keys(value).every((key) => known.includes(key)) ? undefined : `only ${known.join(', ')} are known here`

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
