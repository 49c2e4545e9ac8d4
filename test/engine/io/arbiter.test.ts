import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { bootToken, createArbiterPort } from '../../../src/engine/io/arbiter.ts'
import type { ArbiterStore } from '../../../src/engine/io/arbiter-store.ts'
import { ok } from '../../../src/shared/result.ts'
import { fromSeconds } from '../../../src/shared/units.ts'
import { createNamespace } from '../../support/netns.ts'

test('the token is of this boot and this network namespace: the same for the next engine, another one for a lab’s box', () => {
  assert.match(bootToken(), /^[0-9a-f]{32}$/)
  assert.equal(bootToken(), bootToken())
  using other = createNamespace()
  const module = join(import.meta.dirname, '../../../src/engine/io/arbiter.ts')
  const program = `import { bootToken } from '${module}'; process.stdout.write(bootToken())`
  const args = ['netns', 'exec', other.name, process.execPath, '--input-type=module', '-e', program]
  const there = spawnSync('ip', args, { encoding: 'utf8' }).stdout
  assert.match(there, /^[0-9a-f]{32}$/)
  assert.notEqual(there, bootToken())
})

test('calls are served one after the other', async () => {
  const did: string[] = []
  const slowly = async <T>(what: string, value: T) => {
    did.push(`${what} begins`)
    await new Promise((resolve) => setImmediate(resolve))
    did.push(`${what} ends`)
    return ok(value)
  }
  const store: ArbiterStore = {
    acquire: () => slowly('acquire', { expiresAt: fromSeconds(1) }),
    renew: () => slowly('renew', { expiresAt: fromSeconds(1) }),
    release: () => slowly('release', undefined),
    look: () => slowly('look', { kind: 'free' as const }),
  }
  const port = createArbiterPort(store, { timeout: fromSeconds(1) })
  await Promise.all([port.acquire('ant', fromSeconds(1)), port.release('ant'), port.look('ant')])
  const order = ['acquire', 'release', 'look'].flatMap((each) => [`${each} begins`, `${each} ends`])
  assert.deepEqual(did, order)
})
