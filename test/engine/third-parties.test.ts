import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Arbiter } from '../../src/config/types.ts'
import type { EngineEvent, NodePlan } from '../../src/engine/core/types.ts'
import type { ArbiterPort } from '../../src/engine/ports.ts'
import { createThirdParties } from '../../src/engine/third-parties.ts'
import { fromSeconds, type Micros, plus, toMillis, ZERO } from '../../src/shared/units.ts'
import { planFor } from './core/support.ts'

const arbiterAt = (url: string): Arbiter => ({
  kind: 'arbiter',
  name: 'arbiter',
  store: { kind: 'http', url },
  ttl: fromSeconds(10),
  timeout: fromSeconds(1),
  tls: { ca: undefined, own: undefined },
  login: undefined,
})

const after = (delay: Micros, run: () => void) => {
  const timer = setTimeout(run, toMillis(delay))
  return () => clearTimeout(timer)
}

/** Arbiters that give every lease at once; what was asked of which. */
function stage() {
  const asked: string[] = []
  const events: EngineEvent[] = []
  let plan: NodePlan = { ...planFor('web1'), arbiter: arbiterAt('http://one/') }
  const open = ({ store }: Arbiter, instance: string): ArbiterPort => {
    const where = `${store.kind === 'http' ? store.url : 'etcd'}${instance}`
    const grant = async (what: string) => {
      asked.push(`${what} ${where}`)
      return { ok: true as const, value: { expiresAt: plus(ZERO, fromSeconds(10)) } }
    }
    return {
      acquire: () => grant('acquire'),
      renew: () => grant('renew'),
      release: async () => {
        asked.push(`release ${where}`)
        return { ok: true, value: undefined }
      },
      look: async () => ({ ok: true, value: { kind: 'free' } }),
      close: () => undefined,
    }
  }
  const parties = createThirdParties({
    ports: {
      reach: { check: async () => ({ ok: true, detail: '' }), lanReach: async () => 'unknown', close: () => undefined },
      openArbiter: open,
      createFence: () => ({ fence: async () => ({ confirmed: true, line: '' }) }),
    },
    plan: () => plan,
    clock: { now: () => ZERO, wakeAt: () => undefined, after },
    dispatch: (event) => events.push(event),
    onBug: (thrown) => assert.fail(String(thrown)),
    log: () => undefined,
  })
  const use = (next: Partial<NodePlan>): void => {
    plan = { ...plan, ...next }
    parties.follow()
  }
  return { asked, events, parties, use }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a reload that names another arbiter takes the lease there, and gives the old one back', async () => {
  const { asked, parties, use } = stage()
  use({})
  parties.perform({ kind: 'lease', instance: 'www', wanted: true })
  await turn()
  assert.deepEqual(asked, ['acquire http://one/www'])
  use({})
  await turn()
  assert.equal(asked.length, 1, 'nothing changed')
  use({ arbiter: arbiterAt('http://two/') })
  await turn()
  assert.deepEqual(asked.slice(1).toSorted(), ['acquire http://two/www', 'release http://one/www'])
  await parties.close()
})

test('an instance that a reload has removed keeps no lease', async () => {
  const { asked, events, parties, use } = stage()
  use({})
  parties.perform({ kind: 'lease', instance: 'www', wanted: true })
  await turn()
  use({ instances: [] })
  await turn()
  assert.equal(asked.at(-1), 'release http://one/www')
  assert.deepEqual(parties.warnings(), [])
  assert.ok(events.some((event) => event.kind === 'lease' && event.until === undefined))
  await parties.close()
})
