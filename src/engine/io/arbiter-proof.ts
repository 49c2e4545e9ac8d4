import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { ok, type Result } from '../../shared/result.ts'
import { ZERO } from '../../shared/units.ts'
import { formatRecord } from '../peer/lease-record.ts'
import type { ArbiterFailure } from '../peer/witness.ts'
import { unreachable } from './arbiter-store.ts'
import type { Condition, Found, PutAnswer, Resource } from './http-resource.ts'

/** How long the two writes of the race are kept apart, so that the server sees them in this order. */
const STEP_MS = 20

/**
 * Whether the server compares and swaps, shown at a resource of this node's own: a server that ignores the conditions, or
 * compares long before it writes, would give one lease to two nodes. What passes is not proven for every moment: the race
 * shows servers that compare when a request begins (WebDAV modules do).
 */
export async function proveServer(resource: Resource, signal: AbortSignal): Promise<Result<void, ArbiterFailure>> {
  const before = await make(resource, signal)
  if (!before.ok) return before
  for (const condition of [{ 'if-none-match': '*' }, { 'if-match': strangeEtag() }] as const) {
    const answer = await resource.put(content(), condition, signal)
    if (!answer.ok) return answer
    if (answer.value.kind === 'done') return unfit(`it ignores ${nameOf(condition)}`)
  }
  const raced = await race(resource, before.value.etag, signal)
  if (!raced.ok) return raced
  const won = raced.value.filter(({ kind }) => kind === 'done').length
  if (won > 1) return unfit('it lets two writers pass with the same If-Match')
  if (won === 0) return unfit('it refuses an If-Match with the ETag that it gave')
  const after = await resource.read(signal)
  if (!after.ok) return after
  return after.value?.etag === before.value.etag ? unfit('its ETag stays when the content changes') : ok(undefined)
}

async function make(resource: Resource, signal: AbortSignal): Promise<Result<Found, ArbiterFailure>> {
  const found = await resource.read(signal)
  if (!found.ok) return found
  if (found.value !== undefined) return ok(found.value)
  const made = await resource.put(content(), { 'if-none-match': '*' }, signal)
  if (!made.ok) return made
  const again = await resource.read(signal)
  if (!again.ok) return again
  return again.value === undefined ? unfit('what was put is not there') : ok(again.value)
}

/** Two writers with one ETag: the first one begins, the second one writes, the first one goes on. */
async function race(
  resource: Resource,
  etag: string,
  signal: AbortSignal,
): Promise<Result<readonly PutAnswer[], ArbiterFailure>> {
  const go = Promise.withResolvers<void>()
  const first = resource.put(content(), { 'if-match': etag }, signal, go.promise)
  await setTimeout(STEP_MS)
  const second = resource.put(content(), { 'if-match': etag }, signal)
  // A server that serves one writer at a time answers the second one after the first.
  await Promise.race([second, setTimeout(10 * STEP_MS)])
  go.resolve()
  const [one, other] = await Promise.all([first, second])
  if (!one.ok) return one
  return other.ok ? ok([one.value, other.value]) : other
}

const content = (): string => formatRecord({ holder: undefined, token: randomName(), ttl: ZERO, count: 0 })

const randomName = (): string => randomBytes(8).toString('hex')

/** One that no server has given. */
const strangeEtag = (): string => `"haup-${randomName()}"`

const nameOf = (condition: Condition): string => ('if-match' in condition ? 'If-Match' : 'If-None-Match')

const unfit = (why: string) => unreachable(`the server is no arbiter: ${why}`)
