import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { runProbes } from '../../../src/cli/services/probe.ts'

const NOTHING = { configFile: '/nowhere.yaml', service: undefined, tcp: [], http: [], status: [], timeout: undefined }

async function serve(t: TestContext, status: number): Promise<number> {
  const server = createServer((_request, response) => response.writeHead(status).end('hello'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('probes of the command line need no configuration', async (t) => {
  const port = await serve(t, 200)
  const { rounds, exitCode } = await runProbes({
    ...NOTHING,
    tcp: [`127.0.0.1:${port}`, String(port)],
    http: [`http://127.0.0.1:${port}/`],
  })
  assert.equal(exitCode, 0)
  assert.deepEqual(
    rounds.map(({ service, results }) => [service, results.map(({ ok }) => ok)]),
    [[null, [true, true, true]]],
  )
})

test('one bad probe among good ones decides', async (t) => {
  const port = await serve(t, 503)
  const ask = { ...NOTHING, tcp: [String(port)], http: [`http://127.0.0.1:${port}/`] }
  const { rounds, exitCode } = await runProbes(ask)
  assert.equal(exitCode, 3)
  assert.match(rounds[0]?.results[1]?.detail ?? '', /503/)
  assert.equal((await runProbes({ ...ask, status: ['200', '500-599'] })).exitCode, 0)
})

test('flags are held to the rules of the configuration', async () => {
  for (const wrong of [
    { tcp: ['127.0.0.1:0'] },
    { tcp: ['127.0.0.1:http'] },
    { tcp: ['a b:80'] },
    { http: ['127.0.0.1'] },
    { http: ['ftp://127.0.0.1/'] },
    { http: ['http://127.0.0.1/'], status: ['ok'] },
    { tcp: ['80'], timeout: '5' },
    { tcp: ['80'], timeout: '1us' },
  ]) {
    await assert.rejects(runProbes({ ...NOTHING, ...wrong }), { code: 'usage', exitCode: 2 }, JSON.stringify(wrong))
  }
})

test('the services of a configuration, all or one', async (t) => {
  const port = await serve(t, 200)
  const configFile = await writeConfig(t, port)
  const all = await runProbes({ ...NOTHING, configFile })
  assert.deepEqual(
    all.rounds.map(({ service, results }) => [service, results[0]?.ok]),
    [
      ['web', true],
      ['dead', false],
    ],
  )
  assert.equal(all.exitCode, 3)
  const one = await runProbes({ ...NOTHING, configFile, service: 'web' })
  assert.deepEqual(
    one.rounds.map(({ service }) => service),
    ['web'],
  )
  assert.equal(one.exitCode, 0)
  await assert.rejects(runProbes({ ...NOTHING, configFile, service: 'wev' }), {
    code: 'probe.no-service',
    nextSteps: ['use one of: web, dead'],
  })
})

test('a configuration that cannot be used is told as such', async () => {
  await assert.rejects(runProbes(NOTHING), { name: 'UserError', exitCode: 2 })
})

async function writeConfig(t: TestContext, port: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'haup-probe-'))
  t.after(() => rm(directory, { recursive: true }))
  const file = join(directory, 'haup.yaml')
  const text = `
cluster: test
nodes: {a: {address: 192.0.2.1}, b: {address: 192.0.2.2}}
instances: {i: {vrid: 1, priority: {a: 200, b: 100}, virtual_addresses: [192.0.2.9], track: [web, dead]}}
services:
  web: {probes: [{http: {url: 'http://127.0.0.1:${port}/'}}]}
  dead: {probes: [{tcp: {port: 1}}]}
`
  await writeFile(file, text)
  return file
}
