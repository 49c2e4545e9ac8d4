import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findManifest, packageRoot, packageVersion, runsFromBundle } from '../../src/shared/package-root.ts'

const temp = mkdtempSync(join(tmpdir(), 'haup-root-'))
after(() => rmSync(temp, { recursive: true }))

test('finds the project from its sources', () => {
  assert.equal(packageRoot(), join(import.meta.dirname, '../..'))
  assert.match(packageVersion(), /^\d+\.\d+\.\d+/)
  assert.equal(runsFromBundle(), false)
})

test('passes by package.json files of other packages', () => {
  const inner = join(temp, 'haup', 'node_modules', 'other')
  mkdirSync(inner, { recursive: true })
  writeFileSync(join(temp, 'haup', 'package.json'), '{"name":"haup","version":"9.8.7"}')
  writeFileSync(join(inner, 'package.json'), '{"name":"other","version":"1.0.0"}')
  assert.deepEqual(findManifest(inner), { directory: join(temp, 'haup'), version: '9.8.7' })
})

test('a tree without haup is a broken installation', () => {
  assert.throws(() => findManifest(temp), /no package.json named "haup"/)
})
