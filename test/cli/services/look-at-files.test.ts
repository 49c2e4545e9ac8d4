import assert from 'node:assert/strict'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { lookAtFiles } from '../../../src/cli/services/look-at-files.ts'
import { formatProblems } from '../../../src/config/format.ts'
import { loadDocument } from '../../../src/config/load.ts'

function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'haup-files-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'haup.yaml')
  const script = join(directory, 'check.sh')
  writeFileSync(script, '#!/bin/sh\n')
  chmodSync(script, 0o755)
  const look = async (argv: readonly string[], test: readonly string[] = ['true']) => {
    const document = {
      cluster: 'shop',
      nodes: { web1: { address: '192.0.2.11' } },
      instances: { www: { vrid: 7, priority: { web1: 150 }, virtual_addresses: ['192.0.2.100/24'], track: ['web'] } },
      services: { web: { probes: [{ command: { argv } }], config_test: test, restart: 'none' } },
    }
    writeFileSync(file, JSON.stringify(document))
    const loaded = await loadDocument(file)
    assert.ok(loaded.ok, JSON.stringify(loaded))
    return formatProblems(await lookAtFiles(loaded.value)).join('\n')
  }
  return { directory, file, script, look }
}

test('what belongs to root alone has nothing to be said of', async (t) => {
  const { script, look } = setUp(t)
  assert.equal(await look([script]), '')
  assert.equal(await look(['sh', script]), '')
})

test('programs are looked up as they are run: a name in PATH, a path as it is', async (t) => {
  const { directory, look } = setUp(t)
  assert.match(
    await look(['true'], ['nginxx', '-t']),
    /config_test: there is no program nginxx on this box\n.*install it/,
  )
  assert.match(await look([join(directory, 'none')]), /there is no program .*\/none on this box/)
  assert.match(await look([directory]), /there is no program/)
  assert.match(await look([join(directory, 'haup.yaml')]), /haup\.yaml cannot be executed\n.*chmod \+x/)
})

test('a program, a link to it and a directory on the way that others may write are told', async (t) => {
  const { directory, script, look } = setUp(t)
  const link = join(directory, 'link')
  symlinkSync(script, link)
  chmodSync(script, 0o777)
  assert.match(
    await look([script]),
    /argv: .*check\.sh can be written by anybody, and root runs it\n.*chmod o-w .*check\.sh/,
  )
  assert.match(await look([link]), /check\.sh can be written by anybody/)
  chmodSync(script, 0o755)
  chownSync(script, 65_534, 0)
  assert.match(await look([script]), /belongs to the user 65534, not to root/)
  const open = join(directory, 'open')
  mkdirSync(open)
  chmodSync(open, 0o777)
  symlinkSync('/bin/true', join(open, 'true'))
  assert.match(await look([join(open, 'true')]), /its directory .*\/open can be written by anybody/)
})

test('haup.yaml itself, and its directory', async (t) => {
  const { directory, file, script, look } = setUp(t)
  await look([script])
  chmodSync(file, 0o666)
  assert.match(
    await look([script]),
    /^.*haup\.yaml: error: .*haup\.yaml can be written by anybody, and root runs the commands/,
  )
  chmodSync(file, 0o664)
  chownSync(file, 0, 50)
  assert.match(await look([script]), /^.*haup\.yaml: warning: .*haup\.yaml can be written by the group 50/)
  chmodSync(file, 0o644)
  chmodSync(directory, 0o777)
  assert.match(await look([script]), /^.*haup\.yaml: error: .*its directory .* can be written by anybody/)
})
