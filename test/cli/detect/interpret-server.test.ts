import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  chosenConfig,
  interpretApacheV,
  interpretNginxV,
  isUnitLoaded,
} from '../../../src/cli/detect/interpret-server.ts'

const DEBIAN_NGINX = `nginx version: nginx/1.22.1
built with OpenSSL 3.0.20 7 Apr 2026 (running with OpenSSL 3.0.19 27 Jan 2026)
TLS SNI support enabled
configure arguments: --with-cc-opt='-g -O2 -fPIC -Wdate-time -D_FORTIFY_SOURCE=2' --with-ld-opt='-Wl,-z,relro -Wl,-z,now -fPIC' --prefix=/usr/share/nginx --conf-path=/etc/nginx/nginx.conf --http-log-path=/var/log/nginx/access.log --error-log-path=stderr --lock-path=/var/lock/nginx.lock --pid-path=/run/nginx.pid --modules-path=/usr/lib/nginx/modules --with-compat
`

test('nginx of a distribution', () => {
  assert.deepEqual(interpretNginxV(DEBIAN_NGINX), {
    prefix: '/usr/share/nginx',
    configFile: '/etc/nginx/nginx.conf',
    pidFile: '/run/nginx.pid',
  })
})

test('nginx as built by hand', () => {
  const plain = 'nginx version: nginx/1.28.0\nbuilt by gcc 12.2.0\nconfigure arguments:\n'
  assert.deepEqual(interpretNginxV(plain), {
    prefix: '/usr/local/nginx',
    configFile: '/usr/local/nginx/conf/nginx.conf',
    pidFile: '/usr/local/nginx/logs/nginx.pid',
  })
  const elsewhere = "nginx version: nginx/1.28.0\nconfigure arguments: --prefix='/opt/my nginx' --pid-path=run/n.pid\n"
  assert.equal(interpretNginxV(elsewhere)?.pidFile, '/opt/my nginx/run/n.pid')
})

test('what is not nginx', () => {
  assert.equal(interpretNginxV(''), undefined)
  assert.equal(interpretNginxV('nginx: command not found'), undefined)
})

const DEBIAN_APACHE = `Server version: Apache/2.4.71 (Debian)
Server built:   2026-11-12T08:58:41
Server MPM:     event
Server compiled with....
 -D APR_HAS_SENDFILE
 -D DYNAMIC_MODULE_LIMIT=256
 -D HTTPD_ROOT="/etc/apache2"
 -D SUEXEC_BIN="/usr/lib/apache2/suexec"
 -D DEFAULT_PIDLOG="/run/apache2.pid"
 -D DEFAULT_ERRORLOG="logs/error_log"
 -D AP_TYPES_CONFIG_FILE="mime.types"
 -D SERVER_CONFIG_FILE="apache2.conf"
`

test('apache of Debian, and one of Red Hat with relative paths', () => {
  assert.deepEqual(interpretApacheV(DEBIAN_APACHE), {
    root: '/etc/apache2',
    configFile: '/etc/apache2/apache2.conf',
    pidFile: '/run/apache2.pid',
  })
  const relative = DEBIAN_APACHE.replace('"/run/apache2.pid"', '"run/httpd.pid"').replace('/etc/apache2', '/etc/httpd')
  assert.equal(interpretApacheV(relative)?.pidFile, '/etc/httpd/run/httpd.pid')
  assert.equal(interpretApacheV(DEBIAN_APACHE.replace(/.*PIDLOG.*\n/, ''))?.pidFile, undefined)
  assert.equal(interpretApacheV('AH00526: Syntax error'), undefined)
})

test('units', () => {
  assert.equal(isUnitLoaded('LoadState=loaded\n'), true)
  assert.equal(isUnitLoaded('LoadState=not-found\n'), false)
  assert.equal(isUnitLoaded('System has not been booted with systemd'), false)
})

test('which configuration a running server was started with', () => {
  const nginx = ['nginx:', 'master', 'process', '/usr/sbin/nginx', '-p', '/srv/shop', '-c', 'shop.conf']
  assert.deepEqual(chosenConfig(nginx, 'c', 'p'), {
    file: '/srv/shop/shop.conf',
    root: '/srv/shop',
    options: ['-p', '/srv/shop', '-c', '/srv/shop/shop.conf'],
  })
  assert.deepEqual(chosenConfig(['/usr/sbin/apache2', '-f/etc/a.conf', '-k', 'start'], 'f', 'd'), {
    file: '/etc/a.conf',
    root: undefined,
    options: ['-f', '/etc/a.conf'],
  })
  assert.deepEqual(chosenConfig([], 'c', 'p'), { file: undefined, root: undefined, options: [] })
})
