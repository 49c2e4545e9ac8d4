import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeConfigAtomically, writeFileAtomically } from '../../../src/cli/services/init-write.ts'
import { VALID } from '../../config/fixture.ts'

const directory = mkdtempSync(join(tmpdir(), 'haup-write-'))
after(() => rmSync(directory, { recursive: true }))
const path = join(directory, 'haup.yaml')

test('what is written is loaded before it takes the place of the old', async () => {
  writeFileSync(path, 'old')
  const content = VALID.replace('vrid: 77', 'vrid: 300')
  const attempt = writeConfigAtomically({ path, content, mode: 0o644 })
  await assert.rejects(attempt, {
    code: 'config.invalid',
    message: new RegExp(`${path}:11:11: error: instances.www.vrid`),
  })
  assert.equal(readFileSync(path, 'utf8'), 'old')
  assert.deepEqual(readdirSync(directory), ['haup.yaml'])
  await writeConfigAtomically({ path, content: VALID, mode: 0o644 })
  assert.equal(readFileSync(path, 'utf8'), VALID)
})

test('a private file is private from the first byte, whatever was there', async () => {
  const secret = join(directory, 'vrrp.pass')
  writeFileSync(secret, 'old')
  chmodSync(secret, 0o666)
  await writeFileAtomically({ path: secret, content: 'new\n', mode: 0o600 })
  assert.equal(readFileSync(secret, 'utf8'), 'new\n')
  assert.equal(statSync(secret).mode & 0o777, 0o600)
})
