import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createServicePort } from '../../src/probes/service-port.ts'
import { toMillis } from '../../src/shared/units.ts'
import { directory, freePort, http } from './support/io.ts'
import { nginxBox } from './support/nginx.ts'
import { gone } from './support/processes.ts'
import { ms, service } from './support/service.ts'

const port = createServicePort()

describe('a real nginx', () => {
  test('is seen healthy by every kind of probe', async (t) => {
    const box = await nginxBox(t)
    await box.start()
    const results = await port.probe(
      service({
        probes: [
          http(box.url, { body: { kind: 'text', text: 'served' } }),
          { kind: 'tcp', host: '127.0.0.1', port: box.port },
          { kind: 'process', pidFile: box.pidFile },
          { kind: 'command', argv: [...box.configTest, '-q'], user: undefined },
        ],
      }),
    )
    assert.deepEqual(
      results.map(({ ok, detail }) => ok || detail),
      [true, true, true, true],
    )
    assert.equal(results[2]?.detail, `process ${await box.master()} (nginx) runs`)
  })

  test('killed: refused, and the process is gone', async (t) => {
    const box = await nginxBox(t)
    await box.start()
    const pid = await box.master()
    const processes = await box.processes()
    for (const entry of processes) process.kill(entry.pid, 'SIGKILL')
    await Promise.all(processes.map((entry) => gone(entry.pid)))
    const results = await port.probe(service({ probes: [http(box.url), { kind: 'process', pidFile: box.pidFile }] }))
    assert.equal(results[0]?.detail, 'connection refused')
    assert.equal(results[1]?.ok, false)
    assert.match(results[1]?.detail ?? '', new RegExp(`^process ${pid} .*(is gone|is a zombie)`))
  })

  test('stopped: the port is open, nobody answers; a round still ends in time', async (t) => {
    const box = await nginxBox(t)
    await box.start()
    for (const entry of await box.processes()) process.kill(entry.pid, 'SIGSTOP')
    const begin = performance.now()
    const results = await port.probe(
      service({ timeout: ms(300), probes: [{ kind: 'tcp', host: '127.0.0.1', port: box.port }, http(box.url)] }),
    )
    assert.ok(performance.now() - begin < 1_000)
    assert.deepEqual(
      results.map((result) => result.ok),
      [true, false],
    )
    assert.equal(results[1]?.detail, 'connected, but no answer within 300ms')
  })

  test('stopped, where it was quick until then: found out by the connection that it does not accept', async (t) => {
    const box = await nginxBox(t)
    await box.start()
    const config = service({ timeout: ms(5_000), hungAfter: ms(300), probes: [http(box.url)] })
    assert.deepEqual(
      (await port.probe(config)).map(({ ok }) => ok),
      [true],
    )
    for (const entry of await box.processes()) process.kill(entry.pid, 'SIGSTOP')
    const [result] = await port.probe(config)
    assert.deepEqual([result?.ok, result?.hung], [false, true])
    assert.equal(result?.detail, 'connected, but the server did not accept it within 300ms')
  })

  test('waiting for what is behind it, it has accepted, and has all of the timeout', async (t) => {
    const silent = createServer()
    t.after(() => silent.close())
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port: behind } = silent.address() as AddressInfo
    const front = await freePort()
    const box = await nginxBox(t)
    const proxy = `location / { proxy_pass http://127.0.0.1:${behind}; } location /ok { return 200; }`
    box.configure(`server { listen 127.0.0.1:${front}; ${proxy} }`)
    await box.start()
    const ask = (path: string) =>
      port.probe(service({ timeout: ms(900), hungAfter: ms(200), probes: [http(`http://127.0.0.1:${front}${path}`)] }))
    assert.deepEqual(
      (await ask('/ok')).map(({ ok }) => ok),
      [true],
    )
    const [result] = await ask('/')
    assert.equal(result?.detail, 'connected, but no answer within 900ms')
  })
})

describe('the configuration test', () => {
  test('passes a good configuration', async (t) => {
    const box = await nginxBox(t)
    const outcome = await port.testConfig(box.configTest)
    assert.equal(outcome.ok, true)
    assert.match(outcome.line, /nginx\.conf test is successful$/)
    assert.ok(toMillis(outcome.took) > 0)
  })

  test('shows the line of a broken one, with file and number', async (t) => {
    const box = await nginxBox(t)
    box.configure('lisen 80;')
    const outcome = await port.testConfig(box.configTest)
    assert.equal(outcome.ok, false)
    assert.equal(outcome.line, `nginx: [emerg] unknown directive "lisen" in ${box.configFile}:16`)
  })

  test('that does not exist says so', async () => {
    const outcome = await port.testConfig(['/nonexistent/nginx', '-t'])
    assert.deepEqual(
      [outcome.ok, outcome.line],
      [false, '/nonexistent/nginx -t: there is no program /nonexistent/nginx'],
    )
  })

  test('ends with the engine', async () => {
    const stop = new AbortController()
    const running = createServicePort({ signal: stop.signal }).testConfig(['sleep', '60'])
    stop.abort()
    assert.equal((await running).ok, false)
  })

  test('shows both lines of a broken apache configuration as one', async (t) => {
    const file = join(await directory(t), 'apache.conf')
    writeFileSync(file, `LoadModule mpm_event_module ${MPM}\nServrName localhost\n`)
    const outcome = await port.testConfig(['apache2', '-t', '-f', file])
    assert.equal(outcome.ok, false)
    assert.equal(
      outcome.line,
      `AH00526: Syntax error on line 2 of ${file}: Invalid command 'ServrName', perhaps misspelled or defined by a ` +
        'module not included in the server configuration',
    )
  })
})

const MPM = '/usr/lib/apache2/modules/mod_mpm_event.so'
