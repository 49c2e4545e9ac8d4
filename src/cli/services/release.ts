import { loadConfig } from '../../config/load.ts'
import { listInterfaces } from '../../engine/io/links.ts'
import { isOurs } from '../../engine/vip/tag.ts'
import { EXIT, type ExitCode, UserError } from '../../shared/errors.ts'
import { formatPrefix } from '../../shared/ip.ts'
import type { Place, Released } from '../render-by-hand.ts'
import { closedAddresses, removeGate, removeOurs } from './cleanup.ts'
import { type EnginePresence, findEngine, killStep } from './engine-presence.ts'

export type ReleaseOptions = {
  readonly runDir: string
  readonly config: string
  /** Also from under an engine that does not answer. */
  readonly force: boolean
  /** Asked when there is something to take away. */
  readonly confirm: (places: readonly Place[]) => Promise<boolean>
}

export type ReleaseResult = { readonly released: Released; readonly exitCode: ExitCode }

/** Takes every address of haup's off this box. Throws UserError while an engine decides here. */
export async function release(options: ReleaseOptions): Promise<ReleaseResult> {
  const presence = await findEngine(options.runDir)
  if (presence.kind === 'answers') throw answering(presence.pid)
  if (presence.kind === 'silent' && !options.force) throw silent(presence)
  try {
    const places = await ourPlaces()
    if (places.length > 0 && !(await options.confirm(places))) throw refused()
    const removed = await removeOurs()
    const gate: Released['gate'] = presence.kind === 'none' ? await endGate() : 'left'
    const { remaining, unchecked } = await findRemaining(options.config)
    const released = { removed, gate, remaining, unchecked }
    return { released, exitCode: remaining.length > 0 ? EXIT.negative : EXIT.ok }
  } finally {
    if (presence.kind === 'none') presence.release()
  }
}

/** What this box has without haup stays closed: nothing here is to answer, and another box may hold it. */
async function endGate(): Promise<'removed' | 'closed'> {
  const closed = await closedAddresses()
  await removeGate((gate) => (closed.length > 0 ? gate.retire(true) : gate.remove()))
  return closed.length > 0 ? 'closed' : 'removed'
}

async function ourPlaces(): Promise<readonly Place[]> {
  const interfaces = await listInterfaces()
  return interfaces.flatMap(({ name, addresses }) =>
    addresses.filter((each) => isOurs(each, name)).map((each) => ({ address: formatPrefix(each), interface: name })),
  )
}

/** Works without a configuration too: who needs this may have none that is right. */
async function findRemaining(file: string): Promise<Pick<Released, 'remaining' | 'unchecked'>> {
  const loaded = await loadConfig(file)
  if (!loaded.ok) return { remaining: [], unchecked: `${file} cannot be used: haup config check ${file}` }
  const { instances } = loaded.value.config
  const virtual = new Set<string>(
    instances.flatMap((each) => each.virtualAddresses.map(({ address }) => address.address)),
  )
  const interfaces = await listInterfaces()
  const remaining = interfaces.flatMap(({ name, addresses }) =>
    addresses
      .filter(({ address }) => virtual.has(address))
      .map((each) => ({ address: formatPrefix(each), interface: name })),
  )
  return { remaining, unchecked: null }
}

const answering = (pid: number): UserError =>
  new UserError(`an engine runs and answers (pid ${pid}): it would bind again what is taken away from it`, {
    code: 'engine.running',
    exitCode: EXIT.negative,
    nextSteps: ['hand over: haup failover', 'or end it, which releases everything: systemctl stop haup'],
  })

const silent = ({ pid, why }: Extract<EnginePresence, { readonly kind: 'silent' }>): UserError =>
  new UserError(`an engine lives${pid === undefined ? '' : ` (pid ${pid})`} and does not answer: ${why}`, {
    code: 'engine.hung',
    exitCode: EXIT.negative,
    nextSteps: [
      `${killStep(pid)}; then: haup release`,
      'or take its addresses away while it hangs: haup release --force. Should it wake up, it lets go and listens first, and may claim again after that',
    ],
  })

const refused = (): UserError =>
  new UserError('nothing was taken away', { code: 'release.refused', exitCode: EXIT.negative })
