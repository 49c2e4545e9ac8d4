import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { interpretApacheDump, interpretApacheIncludes } from '../../../src/cli/detect/interpret-apache.ts'

/** Outputs of `apache2ctl -t -D DUMP_VHOSTS -D DUMP_RUN_CFG` (2.4), as captured. */
const read = (name: string) => interpretApacheDump(readFileSync(join(import.meta.dirname, 'captured', name), 'utf8'))

test('Debian as installed', () => {
  assert.deepEqual(read('apache-debian.txt'), {
    sites: [{ listens: [{ address: '0.0.0.0', port: 80, isTls: false }], names: ['127.0.0.1'], paths: [] }],
    pidFile: '/var/run/apache2/apache2.pid',
    root: '/etc/apache2',
  })
})

test('name-based hosts on one address, aliases, TLS, IPv6 left out', () => {
  const { sites, pidFile } = read('apache-vhosts.txt')
  assert.equal(pidFile, '/srv/apache/apache.pid')
  assert.deepEqual(sites, [
    {
      listens: [{ address: '192.0.2.100', port: 80, isTls: false }],
      names: ['www.example.com', 'example.com', '*.example.org', 'shop.example.com'],
      paths: [],
    },
    { listens: [{ address: '0.0.0.0', port: 443, isTls: true }], names: ['www.example.com'], paths: [] },
    { listens: [{ address: '0.0.0.0', port: 8080, isTls: false }], names: ['alt.example.com'], paths: [] },
  ])
})

test('what is no dump', () => {
  assert.deepEqual(interpretApacheDump('AH00526: Syntax error'), { sites: [], pidFile: undefined, root: undefined })
})

test('where a file is read', () => {
  const debian =
    'IncludeOptional mods-enabled/*.conf\nIncludeOptional conf-enabled/*.conf\nIncludeOptional sites-enabled/*.conf\n'
  assert.equal(interpretApacheIncludes(debian, '/etc/apache2'), '/etc/apache2/conf-enabled')
  const redHat = 'Include conf.modules.d/*.conf\nIncludeOptional conf.d/*.conf\n'
  assert.equal(interpretApacheIncludes(redHat, '/etc/httpd'), '/etc/httpd/conf.d')
  const byHand = '#Include conf/extra/httpd-vhosts.conf\nInclude "/usr/local/apache2/conf/extra/*.conf"\n'
  assert.equal(interpretApacheIncludes(byHand, '/usr/local/apache2'), '/usr/local/apache2/conf/extra')
  assert.equal(interpretApacheIncludes('Include conf/extra/httpd-mpm.conf\n', '/usr/local/apache2'), undefined)
})
