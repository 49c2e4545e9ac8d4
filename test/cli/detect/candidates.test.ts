import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frontCandidates, hasNoLoopback, healthCandidates } from '../../../src/cli/detect/candidates.ts'
import type { WebServer } from '../../../src/cli/detect/facts.ts'
import { NGINX } from '../services/init-box.ts'

const any = (port: number) => ({ address: '0.0.0.0', port })
const site = (port: number, names: readonly string[], paths: readonly string[] = [], isTls = false) => ({
  listens: [{ ...any(port), isTls }],
  names,
  paths,
})
const urls = (server: WebServer) => frontCandidates(server).map(({ url, host }) => `${url} ${host ?? ''}`.trim())

test('plain ports before TLS, 80 first; a TLS port is known by the configuration', () => {
  const listening = [any(443), any(9000), any(8080), any(80)]
  const sites = [site(9000, [], [], true), site(443, [], [], true)]
  assert.deepEqual(urls({ ...NGINX, listening, sites }), [
    'http://127.0.0.1/',
    'http://127.0.0.1:8080/',
    'https://127.0.0.1/',
    'https://127.0.0.1:9000/',
  ])
})

test('then by the names of the sites, those that can be asked for', () => {
  const sites = [site(80, ['_', '*.example.com', '~^x', 'www.example.com', 'localhost', '192.0.2.1', 'b.example.com'])]
  assert.deepEqual(urls({ ...NGINX, sites }), [
    'http://127.0.0.1/',
    'http://127.0.0.1/ www.example.com',
    'http://127.0.0.1/ b.example.com',
  ])
})

test('health locations that the configuration mentions; the usual ones of apache', () => {
  const sites = [site(80, [], ['/', '/nginx_status', '/private'])]
  const paths = (server: WebServer) => healthCandidates(server).map(({ url }) => new URL(url).pathname)
  assert.deepEqual(paths({ ...NGINX, sites }), ['/nginx_status'])
  assert.ok(paths({ ...NGINX, kind: 'apache' }).includes('/server-status'))
})

test('a server that listens on the virtual address alone', () => {
  const listening = [{ address: '192.0.2.100', port: 80 }]
  assert.equal(hasNoLoopback({ ...NGINX, listening }), true)
  assert.deepEqual(frontCandidates({ ...NGINX, listening }), [])
  assert.equal(hasNoLoopback(NGINX), false)
  assert.equal(hasNoLoopback({ ...NGINX, listening: [] }), false)
})
