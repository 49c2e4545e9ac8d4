import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { listProcesses, readProcess } from '../../src/probes/process-table.ts'
import type { RestartMethod } from '../../src/probes/types.ts'
import { freePort, http, probe } from './support/io.ts'
import { nginxBox } from './support/nginx.ts'
import { gone } from './support/processes.ts'

test('a daemon outlives the whole process group that restarted it', async (t) => {
  const box = await nginxBox(t)
  const engine = await restartFromEngine(t, { kind: 'command', argv: box.argv, pidFile: box.pidFile })
  const master = await box.master()
  assert.equal((await readProcess(master))?.session, master, 'nginx has a session of its own')
  await engine.kill()
  assert.equal((await probe(http(box.url))).ok, true)
})

test('so does a server in the foreground, which goes on writing', async (t) => {
  const port = await freePort()
  const argv = ['python3', '-m', 'http.server', String(port), '--bind', '127.0.0.1']
  const engine = await restartFromEngine(t, { kind: 'command', argv, pidFile: undefined })
  const server = await findByArgument(String(port))
  t.after(() => process.kill(server, 'SIGKILL'))
  await engine.kill()
  for (const round of [1, 2, 3]) {
    const result = await probe(http(`http://127.0.0.1:${port}/no-such-file`, { status: [[404, 404]] }))
    assert.equal(result.ok, true, `request ${round}, each of which makes it write a line: ${result.detail}`)
  }
})

/** A process like the engine, in a group of its own, that restarts a server and then stays. */
async function restartFromEngine(t: TestContext, method: RestartMethod) {
  const module = new URL('../../src/probes/restart.ts', import.meta.url).href
  const program = `import { restartServer } from ${JSON.stringify(module)}
    const tools = { systemdMark: '/nonexistent', foregroundMs: 700 }
    console.log(JSON.stringify(await restartServer(${JSON.stringify(method)}, tools)))
    setInterval(() => undefined, 1000)`
  const engine = spawn(process.execPath, ['--input-type=module', '-e', program], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { pid } = engine
  assert.ok(pid !== undefined)
  const kill = async (): Promise<void> => {
    if (engine.exitCode === null && engine.signalCode === null) process.kill(-pid, 'SIGKILL')
    await gone(pid)
  }
  t.after(kill)
  const [line] = await once(engine.stdout, 'data')
  assert.equal(JSON.parse(String(line)).ok, true, String(line))
  return { kill }
}

async function findByArgument(argument: string): Promise<number> {
  for (const { pid } of await listProcesses()) {
    const args = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (args.split('\0').includes(argument)) return pid
  }
  assert.fail(`no process with the argument ${argument}`)
}
