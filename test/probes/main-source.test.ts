import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mainSourceOf } from '../../src/probes/main-source.ts'
import type { ProbeSpec } from '../../src/probes/types.ts'
import { service } from './support/service.ts'

const none = { kind: 'none' } as const
const tcp = (host: string, port = 80): ProbeSpec => ({ kind: 'tcp', host, port })
const http = (url: string): ProbeSpec => ({
  kind: 'http',
  url,
  status: [[200, 399]],
  method: 'GET',
  headers: {},
  host: undefined,
  body: undefined,
  sni: undefined,
  ca: { kind: 'system' },
})
const sourceOf = (...probes: readonly ProbeSpec[]) => mainSourceOf(service({ restart: none, probes }), ['192.0.2.11'])

test('the unit that is restarted knows its main process best', () => {
  const probes: readonly ProbeSpec[] = [{ kind: 'process', pidFile: '/run/other.pid' }]
  assert.deepEqual(mainSourceOf(service({ probes }), []), { kind: 'unit', unit: 'nginx.service' })
})

test('then the pid file of the command, with the names that the command may start', () => {
  const restart = { kind: 'command', argv: ['/usr/sbin/apachectl', 'start'], pidFile: '/run/a.pid' } as const
  assert.deepEqual(mainSourceOf(service({ restart }), []), {
    kind: 'pid-file',
    path: '/run/a.pid',
    names: ['apache2', 'apache2', 'httpd', 'httpd'],
  })
})

test('then the pid file of a process probe', () => {
  const source = sourceOf(tcp('127.0.0.1'), { kind: 'process', pidFile: '/run/n.pid' })
  assert.deepEqual(source, { kind: 'pid-file', path: '/run/n.pid', names: [] })
})

test('then whoever listens on the port that is probed on this host', () => {
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost', '192.0.2.11']) {
    assert.deepEqual(sourceOf(tcp(host, 8080)), { kind: 'port', port: 8080 }, host)
  }
  assert.deepEqual(sourceOf(http('http://127.0.0.1/healthz')), { kind: 'port', port: 80 })
  assert.deepEqual(sourceOf(http('https://[::1]/')), { kind: 'port', port: 443 })
  assert.deepEqual(sourceOf(http('http://192.0.2.12/'), http('http://localhost:81/')), { kind: 'port', port: 81 })
})

test('else nothing tells which process it is', () => {
  const elsewhere = sourceOf(tcp('192.0.2.12'), { kind: 'command', argv: ['true'], user: undefined })
  assert.equal(elsewhere.kind, 'none')
})
