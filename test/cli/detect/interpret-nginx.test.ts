import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { interpretNginxConfig } from '../../../src/cli/detect/interpret-nginx.ts'
import { interpretNginxDump, parseDirectives } from '../../../src/cli/detect/nginx-syntax.ts'

/** Outputs of `nginx -T -q` (1.22), as captured. */
function read(name: string) {
  const dump = interpretNginxDump(readFileSync(join(import.meta.dirname, 'captured', name), 'utf8'))
  assert.ok(dump)
  return { mainFile: dump.mainFile, config: interpretNginxConfig(dump) }
}

const plain = (address: string, port: number) => ({ address, port, isTls: false })

test('Debian as installed', () => {
  assert.deepEqual(read('nginx-debian.txt'), {
    mainFile: '/etc/nginx/nginx.conf',
    config: {
      sites: [{ listens: [plain('0.0.0.0', 80)], names: ['_'], paths: ['/'] }],
      pidFile: '/run/nginx.pid',
      includeDirectory: '/etc/nginx/conf.d',
    },
  })
})

test('built by hand: sites in included files, specific addresses, TLS, quotes, regular expressions', () => {
  const { mainFile, config } = read('nginx-hand-built.txt')
  assert.equal(mainFile, '/srv/shop/nginx.conf')
  assert.equal(config.pidFile, 'logs/nginx.pid')
  assert.equal(config.includeDirectory, '/srv/shop/sites')
  assert.deepEqual(config.sites, [
    { listens: [plain('127.0.0.1', 8080)], names: ['intern.example.com'], paths: ['/nginx_status'] },
    { listens: [plain('0.0.0.0', 8081), plain('127.0.0.1', 8082)], names: [], paths: [] },
    { listens: [{ address: '0.0.0.0', port: 8443, isTls: true }], names: [], paths: [] },
    { listens: [plain('0.0.0.0', 80)], names: ['_'], paths: [] },
    {
      listens: [plain('192.0.2.100', 80), { address: '192.0.2.100', port: 443, isTls: true }],
      names: ['www.example.com', '*.example.com'],
      paths: ['/healthz', '/'],
    },
  ])
})

test('servers of stream and mail are none of ours; includes reach the block they stand in', () => {
  const output = `# configuration file /e/nginx.conf:
stream { include s/*.conf; }
http { include h.d/*.conf; }
# configuration file /e/s/db.conf:
server { listen 3306; }
# configuration file /e/h.d/web.conf:
server { listen 81; }
`
  const dump = interpretNginxDump(output)
  assert.ok(dump)
  const { sites, includeDirectory } = interpretNginxConfig(dump)
  assert.deepEqual(
    sites.map(({ listens }) => listens[0]?.port),
    [81],
  )
  assert.equal(includeDirectory, '/e/h.d')
})

test('no dump, no configuration', () => {
  assert.equal(interpretNginxDump(''), undefined)
  assert.equal(interpretNginxDump('nginx: [emerg] unknown directive "lisen"'), undefined)
})

test('whatever stands there, parsing ends', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '{', '}', ';', '"', "'", '\\', '$', '#', '\n') })
  fc.assert(fc.property(text, (source) => Array.isArray(parseDirectives(source))))
  const variable = ['$', '{d}'].join('')
  assert.deepEqual(parseDirectives(`a "b;c" ${variable}; e { f; } # g\n}`), [
    { name: 'a', args: ['b;c', variable], block: undefined },
    { name: 'e', args: [], block: [{ name: 'f', args: [], block: undefined }] },
  ])
})
