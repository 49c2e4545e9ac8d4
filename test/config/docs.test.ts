import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { finishConfig, interpretConfig } from '../../src/config/interpret.ts'
import { jsonSchema } from '../../src/config/schema.ts'

const docs = join(import.meta.dirname, '../../docs')
const example = readFileSync(join(docs, 'haup.example.yaml'), 'utf8')

test('the example is valid, without a warning', () => {
  const draft = interpretConfig(example, 'haup.example.yaml')
  assert.ok(draft.ok, JSON.stringify(draft, undefined, 1))
  assert.deepEqual(draft.value.secretFiles, ['vrrp.pass', 'cluster.key', 'lease.pass'])
  const content = new TextEncoder().encode('secret\n')
  const file = { kind: 'read', path: 'vrrp.pass', content, isPrivate: true, ownedByRoot: true } as const
  const finished = finishConfig(draft.value, new Map([['vrrp.pass', file]]))
  assert.ok(finished.ok, JSON.stringify(finished, undefined, 1))
  assert.deepEqual(finished.value.warnings, [])
  assert.equal(finished.value.config.instances.find(({ version }) => version === 2)?.password, 'secret')
})

test('every key is in the example and in config.md', () => {
  const page = readFileSync(join(docs, 'config.md'), 'utf8')
  for (const key of new Set(keysOf(jsonSchema()))) {
    assert.match(example, new RegExp(`(^|[\\s{-])${key}:`), `${key} is not in the example`)
    assert.ok(page.includes(key), `${key} is not in config.md`)
  }
})

/** All keys that the schema names, at any depth. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([keyword, value]) => [
    ...(keyword === 'properties' ? Object.keys(Object(value)) : []),
    ...keysOf(value),
  ])
}
