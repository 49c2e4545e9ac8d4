import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { restartServer } from '../../src/probes/restart.ts'
import { toMillis } from '../../src/shared/units.ts'
import { directory } from './support/io.ts'

describe('a unit', () => {
  test('is restarted by systemctl, with a fixed argument list', async (t) => {
    const { tools, calls } = await systemdOf(t, 'exit 0')
    const outcome = await restartServer({ kind: 'unit', unit: 'nginx.service' }, tools)
    assert.equal(outcome.ok, true)
    assert.deepEqual(calls(), ['systemctl --no-ask-password restart -- nginx.service'])
  })

  test('that fails to start says what systemctl said', async (t) => {
    const said = 'Job for nginx.service failed because the control process exited with error code.'
    const { tools } = await systemdOf(t, `echo "${said}" >&2; echo "See systemctl status" >&2; exit 1`)
    const outcome = await restartServer({ kind: 'unit', unit: 'nginx.service' }, tools)
    assert.deepEqual([outcome.ok, outcome.line], [false, said])
  })

  test('without systemd there is no systemctl', async () => {
    const outcome = await restartServer(
      { kind: 'unit', unit: 'nginx.service' },
      { systemctl: '/nonexistent/systemctl' },
    )
    assert.equal(outcome.ok, false)
    assert.match(outcome.line, /there is no program \/nonexistent\/systemctl$/)
  })
})

describe('a command, where systemd runs', () => {
  test('goes into a transient unit of its own', async (t) => {
    const { tools, calls } = await systemdOf(t, 'exit 0')
    const method = { kind: 'command', argv: ['/usr/sbin/nginx', '-c', 'a b'], pidFile: undefined } as const
    assert.equal((await restartServer(method, tools)).ok, true)
    const [call = ''] = calls()
    const options = '--service-type=oneshot --property=KillMode=process'
    const unit = `--unit=haup-restart-nginx-${process.pid}-\\d+\\.service`
    assert.match(call, new RegExp(`^systemd-run --quiet --collect ${unit} ${options} -- /usr/sbin/nginx -c a b$`))
  })

  test('that fails is explained from the journal of that unit', async (t) => {
    const { tools, calls } = await systemdOf(t, 'exit 1', 'echo "nginx: [emerg] bind() failed"; echo "still could not"')
    const outcome = await restartServer({ kind: 'command', argv: ['nginx'], pidFile: undefined }, tools)
    assert.deepEqual([outcome.ok, outcome.line], [false, 'nginx: [emerg] bind() failed'])
    const unit = /--unit=(\S+)/.exec(calls()[0] ?? '')?.[1]
    assert.ok(calls()[1]?.endsWith(` _SYSTEMD_UNIT=${unit}`), calls().join('; '))
  })

  test('that systemd refuses says why', async (t) => {
    const said = 'Failed to start transient service unit: Access denied'
    const { tools } = await systemdOf(t, `echo "${said}" >&2; exit 1`, 'exit 0')
    const outcome = await restartServer({ kind: 'command', argv: ['nginx'], pidFile: undefined }, tools)
    assert.deepEqual([outcome.ok, outcome.line], [false, said])
  })
})

describe('a command, without systemd', () => {
  const bare = { systemdMark: '/nonexistent', foregroundMs: 300 }
  const restart = (...argv: readonly string[]) => restartServer({ kind: 'command', argv, pidFile: undefined }, bare)

  test('that ends with 0 has started its daemon', async () => {
    const outcome = await restart('true')
    assert.equal(outcome.ok, true)
    assert.ok(toMillis(outcome.took) < 300)
  })

  test('that fails says its telling line, or its end', async () => {
    const outcome = await restart('nginx', '-c', '/nonexistent/nginx.conf')
    assert.equal(outcome.ok, false)
    assert.match(outcome.line, /\[emerg\].* open\(\) "\/nonexistent\/nginx\.conf" failed/)
    assert.equal((await restart('false')).line, 'exit 1')
    assert.equal((await restart('/nonexistent/nginx')).line, 'there is no program /nonexistent/nginx')
  })

  test('that stays in the foreground counts as started, and goes on', async (t) => {
    const pidFile = join(await directory(t), 'pid')
    const outcome = await restart('python3', '-c', FOREGROUND, pidFile)
    assert.deepEqual([outcome.ok, outcome.line], [true, 'runs in the foreground'])
    const pid = Number(readFileSync(pidFile, 'utf8'))
    t.after(() => process.kill(pid, 'SIGKILL'))
    assert.equal(process.kill(pid, 0), true)
  })

  test('no method is no restart', async () => {
    assert.equal((await restartServer({ kind: 'none' })).ok, false)
  })
})

const FOREGROUND = `import os, signal, sys
open(sys.argv[1], 'w').write(str(os.getpid()))
signal.pause()`

/** Programs that note how they are called, in the place of systemd's; the first two end as `script` says. */
async function systemdOf(t: TestContext, script: string, journal = 'exit 0') {
  const dir = await directory(t)
  const log = join(dir, 'calls')
  writeFileSync(log, '')
  const program = (name: string, body: string): string => {
    const path = join(dir, name)
    writeFileSync(path, `#!/bin/sh\necho ${name} "$@" >> ${log}\n${body}\n`)
    chmodSync(path, 0o755)
    return path
  }
  const systemdMark = join(dir, 'mark')
  mkdirSync(systemdMark)
  const tools = {
    systemctl: program('systemctl', script),
    systemdRun: program('systemd-run', script),
    journalctl: program('journalctl', journal),
    systemdMark,
    foregroundMs: 3_000,
  }
  return { tools, calls: () => readFileSync(log, 'utf8').trimEnd().split('\n') }
}
