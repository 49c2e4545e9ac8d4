import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFencePort } from '../../../src/engine/io/fence.ts'
import { fromMillis, fromSeconds } from '../../../src/shared/units.ts'

const timeout = fromSeconds(5)

test('exit 0 confirms; the name replaces {node} wherever it stands, as it is', async () => {
  const port = createFencePort({ argv: ['/bin/echo', 'off', 'host-{node}.ipmi', '{node}', '$(id); {node}'], timeout })
  assert.deepEqual(await port.fence('bee$&'), { confirmed: true, line: 'off host-bee$&.ipmi bee$& $(id); bee$&' })
})

test('another exit does not confirm, and its words are told, made printable', async () => {
  const port = createFencePort({ argv: ['/bin/sh', '-c', 'printf "\\033[31mBMC unreachable\\n" >&2; exit 3'], timeout })
  assert.deepEqual(await port.fence('bee'), { confirmed: false, line: '[31mBMC unreachable' })
})

test('a command that does not end is killed, and confirms nothing', async () => {
  const port = createFencePort({ argv: ['/bin/sleep', '60'], timeout: fromMillis(100) })
  assert.deepEqual(await port.fence('bee'), {
    confirmed: false,
    line: '/bin/sleep 60: not done within 100ms, killed',
  })
})

test('a missing program confirms nothing', async () => {
  const port = createFencePort({ argv: ['/nowhere/fence', '{node}'], timeout })
  const { confirmed, line } = await port.fence('bee')
  assert.equal(confirmed, false)
  assert.match(line, /there is no program \/nowhere\/fence/)
})
