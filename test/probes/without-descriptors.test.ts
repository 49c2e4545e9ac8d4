import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { createBlindness } from '../../src/probes/blindness.ts'
import type { ProbeResult } from '../../src/probes/types.ts'
import { isForWantOfDescriptors, lacksDescriptors } from '../../src/shared/descriptors.ts'
import type { LogRecord } from '../../src/shared/log.ts'
import { ZERO } from '../../src/shared/units.ts'

const SCRIPT = join(import.meta.dirname, '../support/without-descriptors.ts')

function run(left: number): Readonly<Record<string, unknown>> {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', SCRIPT, `--left=${left}`]
  return JSON.parse(execFileSync('prlimit', ['--nofile=100:100', ...node], { encoding: 'utf8' }))
}

for (const left of [0, 1, 2, 4]) {
  test(`with ${left} descriptors left: what fails is a value, nothing is thrown, and none is lost`, () => {
    const { lost, netlink, interface: index, ...found } = run(left)
    assert.equal(lost, 0, JSON.stringify(found))
    assert.equal(index, 1, 'interfaces can be looked at')
    if (left < 1) assert.equal(netlink, 'EMFILE')
    for (const [name, what] of Object.entries(found)) assert.doesNotMatch(String(what), /THROWN/, name)
    if (left === 0) {
      const reason = 'true cannot be started: spawn true EMFILE'
      assert.deepEqual(found, {
        command: { kind: 'not-started', reason },
        server: { ok: false, line: reason },
        processes: false,
        tcp: 'too many open files (EMFILE)',
      })
    }
  })
}

const result = (ok: boolean, detail = ok ? '200' : 'connection refused'): ProbeResult => ({
  probe: 'http',
  ok,
  detail,
  took: ZERO,
})

function blindness() {
  const log: LogRecord[] = []
  let lacks = false
  const blind = createBlindness(
    (record) => log.push(record),
    () => lacks,
  )
  return {
    ...blind,
    log,
    lack: (next: boolean) => {
      lacks = next
    },
  }
}

test('an engine without descriptors holds nothing against a server that was good; it says so once', () => {
  const { judge, log, lack } = blindness()
  judge('nginx', [result(true)])
  lack(true)
  for (let round = 0; round < 5; round += 1) assert.deepEqual(judge('nginx', [result(false)])[0]?.ok, true)
  assert.deepEqual(judge('nginx', [result(true)]), [result(true)], 'what can be seen counts')
  lack(false)
  assert.deepEqual(judge('nginx', [result(false)]), [result(false)])
  assert.deepEqual(
    log.map(({ level, code }) => [level, code]),
    [
      ['error', 'service.blind'],
      ['info', 'service.blind'],
    ],
  )
})

test('a failure that tells of descriptors is none, whatever is free now', () => {
  const { judge } = blindness()
  judge('nginx', [result(true)])
  assert.equal(judge('nginx', [result(false, 'spawn /bin/true EMFILE')])[0]?.ok, true)
})

test('a server that has died, or was bad before, is not good for want of descriptors', () => {
  const { judge, forget, lack } = blindness()
  judge('nginx', [result(true)])
  judge('apache', [result(false)])
  forget('nginx')
  lack(true)
  assert.equal(judge('nginx', [result(false)])[0]?.ok, false)
  assert.equal(judge('apache', [result(false)])[0]?.ok, false)
})

test('it is known by the errno of the system and of libuv', () => {
  const failing = (code: string) => () => {
    throw Object.assign(new Error(code), { code })
  }
  assert.equal(lacksDescriptors(), false)
  assert.equal(lacksDescriptors(failing('EMFILE')), true)
  assert.equal(lacksDescriptors(failing('ENFILE')), true)
  assert.throws(() => lacksDescriptors(failing('EACCES')))
  assert.equal(isForWantOfDescriptors(Object.assign(new Error('x'), { info: { errno: 24 } })), true)
  assert.equal(isForWantOfDescriptors(new Error('EMFILE')), false)
  assert.equal(isForWantOfDescriptors(undefined), false)
})
