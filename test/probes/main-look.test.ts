import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { lookForMain } from '../../src/probes/main-look.ts'
import { listenersOf } from '../../src/probes/port-owner.ts'
import { parseTcpTable } from '../../src/probes/tcp-table.ts'
import { directory } from './support/io.ts'

describe('a pid file', () => {
  const look = (path: string, ...names: readonly string[]) => lookForMain({ kind: 'pid-file', path, names }, 'none')

  test('that names a running process of the right name', async (t) => {
    const { path, pid } = await sleeping(t)
    const seen = await look(path, 'nginx', 'sleep')
    assert.equal(seen.kind === 'runs' && seen.pid, pid)
    assert.equal((await look(path)).kind, 'runs', 'no name is asked for')
  })

  test('that names a stranger is stale', async (t) => {
    const { path } = await sleeping(t)
    const seen = await look(path, 'nginx')
    assert.equal(seen.kind, 'crashed')
    assert.match(seen.kind === 'crashed' ? seen.reason : '', /which is sleep and not nginx/)
  })

  test('that is left behind tells of a crash, none of an end in order', async (t) => {
    const { path, end } = await sleeping(t)
    await end()
    assert.equal((await look(path)).kind, 'crashed')
    assert.equal((await look(`${path}.none`)).kind, 'ended')
  })
})

describe('a unit', () => {
  const look = (systemctl: string) => lookForMain({ kind: 'unit', unit: 'nginx.service' }, systemctl)

  test('names its main process', async (t) => {
    const shown = `LoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nMainPID=${process.pid}\n`
    const seen = await look(await program(t, shown))
    assert.equal(seen.kind === 'runs' && seen.pid, process.pid)
  })

  test('that was killed has crashed', async (t) => {
    const shown = 'LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=signal\nMainPID=0\n'
    const seen = await look(await program(t, shown))
    assert.deepEqual(seen, { kind: 'crashed', reason: 'the unit is failed (failed, signal)' })
  })

  test('that nobody knows, or without systemd: there is no telling', async (t) => {
    assert.equal((await look(await program(t, 'LoadState=not-found\n'))).kind, 'unknown')
    const without = await look('/nonexistent/systemctl')
    assert.match(without.kind === 'unknown' ? without.reason : '', /there is no program/)
  })
})

describe('a port', () => {
  test('belongs to the process that listens', async (t) => {
    const server = createServer().listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const address = server.address()
    assert.ok(typeof address === 'object' && address !== null)
    const seen = await lookForMain({ kind: 'port', port: address.port }, 'none')
    assert.equal(seen.kind === 'runs' && seen.pid, process.pid)
  })

  test('where nobody listens has none', async () => {
    assert.equal((await lookForMain({ kind: 'port', port: 1 }, 'none')).kind, 'ended')
  })

  test('is read from the table of sockets: listening ones only', () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:0050 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
   2: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0`
    assert.deepEqual(listenersOf(parseTcpTable(table), 80), ['4711'])
    assert.deepEqual(listenersOf(parseTcpTable(table), 8080), ['4713'])
    assert.deepEqual(listenersOf(parseTcpTable(''), 80), [])
  })
})

async function sleeping(t: TestContext) {
  const path = join(await directory(t), 'pid')
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  const closed = once(child, 'close')
  t.after(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  writeFileSync(path, `${child.pid}\n`)
  const end = async () => {
    child.kill('SIGKILL')
    await closed
  }
  return { path, pid: child.pid, end }
}

/** A systemctl that says this. */
async function program(t: TestContext, output: string): Promise<string> {
  const path = join(await directory(t), 'systemctl')
  writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${output}END\n`, { mode: 0o755 })
  return path
}
