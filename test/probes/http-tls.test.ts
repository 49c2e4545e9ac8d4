import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { directory, http, listen, probe, serve } from './support/io.ts'

test('a certificate that the CA file vouches for is good', async (t) => {
  const { url, ca, names } = await serveTls(t)
  const result = await probe(http(url, { ca: { kind: 'file', path: ca }, sni: 'www.example.org' }))
  assert.equal(result.ok, true, result.detail)
  assert.match(result.probe, /^https 127\.0\.0\.1:\d+\/$/)
  assert.deepEqual(names, ['www.example.org'])
})

test('the server name follows the Host, without its port', async (t) => {
  const { url, ca, names } = await serveTls(t)
  const result = await probe(http(url, { ca: { kind: 'file', path: ca }, host: 'www.example.org:8443' }))
  assert.equal(result.ok, true, result.detail)
  assert.deepEqual(names, ['www.example.org'])
})

test('a certificate for another name is bad', async (t) => {
  const { url, ca } = await serveTls(t)
  const result = await probe(http(url, { ca: { kind: 'file', path: ca }, sni: 'other.example.org' }))
  assert.equal(result.ok, false)
  assert.match(result.detail, /other\.example\.org/)
})

test('without a CA that knows it, a certificate is bad; with no CA asked for, good', async (t) => {
  const { url } = await serveTls(t)
  const result = await probe(http(url))
  assert.deepEqual([result.ok, result.detail], [false, 'certificate is self-signed'])
  assert.equal((await probe(http(url, { ca: { kind: 'none' } }))).ok, true)
})

test('an expired certificate is called so', async (t) => {
  const { url, ca } = await serveTls(t, -1)
  const result = await probe(http(url, { ca: { kind: 'file', path: ca }, sni: 'www.example.org' }))
  assert.deepEqual([result.ok, result.detail], [false, 'certificate has expired'])
})

test('a CA file that is missing or is none is named', async (t) => {
  const { url } = await serveTls(t)
  const missing = await probe(http(url, { ca: { kind: 'file', path: '/nonexistent/ca.pem' } }))
  assert.match(missing.detail, /^CA file \/nonexistent\/ca\.pem cannot be read: ENOENT/)
  const other = await probe(http(url, { ca: { kind: 'file', path: '/etc/passwd' } }))
  assert.equal(other.detail, '/etc/passwd holds no PEM certificate')
})

test('a server without TLS is called so', async (t) => {
  const url = await serve(t, (_request, response) => response.end())
  const result = await probe(http(url.replace('http:', 'https:')))
  assert.equal(result.ok, false)
  assert.match(result.detail, /^not a TLS answer/)
})

/** A TLS server with a self-signed certificate for www.example.org; `names` gets the SNI of each request. */
async function serveTls(t: TestContext, validDays = 1) {
  const { key, ca } = makeCertificate(await directory(t), validDays)
  const names: (string | false | null)[] = []
  const server = createServer({ key: readFileSync(key), cert: readFileSync(ca) }, (request, response) => {
    names.push((request.socket as TLSSocket).servername)
    response.end('secret')
  })
  return { url: `https://127.0.0.1:${await listen(t, server)}/`, ca, names }
}

function makeCertificate(dir: string, validDays: number) {
  const [key, csr, ca] = [join(dir, 'key.pem'), join(dir, 'csr.pem'), join(dir, 'cert.pem')]
  const openssl = (...options: readonly string[]) => execFileSync('openssl', options, { stdio: 'pipe' })
  const subject = ['-subj', '/CN=www.example.org', '-addext', 'subjectAltName=DNS:www.example.org']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  openssl('req', '-new', ...curve, '-nodes', '-keyout', key, '-out', csr, ...subject)
  const names = ['-copy_extensions', 'copy']
  openssl('x509', '-req', '-in', csr, '-signkey', key, '-days', String(validDays), ...names, '-out', ca)
  return { key, ca }
}
