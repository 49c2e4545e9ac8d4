import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../../src/config/load.ts'
import { createPair } from '../../support/netns.ts'
import { openBox, startApache, startNginx, until } from './boxes.ts'

/** `haup init` beside real web servers (of `dist/`: build it first). */

const ANSWERS = [
  '--node',
  'web1',
  '--peer',
  'web2',
  '--yes',
  '--no-listen',
  '--peer-address',
  '192.0.2.12',
  '--vip',
  '192.0.2.100/24',
  '--vrid',
  '77',
]
const HEALTH = 'http://127.0.0.1:8098/haup-health'
const onVip = 'server { listen 192.0.2.100:80; location / { return 200; } }'

test('nginx on the virtual address alone: a health location is written, used, and taken back', async () => {
  using pair = createPair()
  using box = openBox(pair.a)
  box.run('sysctl', '-qw', 'net.ipv4.ip_nonlocal_bind=1')
  startNginx(box, onVip)
  const first = await box.init(...ANSWERS, '--health-location', 'write')
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stdout, /reloaded the web server \(.*nginx -p .* -s reload\)/)
  await until(() => box.get(HEALTH) === 200, 'the health location does not answer')
  assert.equal(box.get('http://127.0.0.1:8098/'), 404)
  const loaded = await loadConfig(box.config)
  assert.ok(loaded.ok)
  assert.deepEqual(loaded.value.config.services[0]?.restart, {
    kind: 'command',
    argv: ['/usr/sbin/nginx', '-p', box.directory, '-c', `${box.directory}/nginx.conf`],
    pidFile: `${box.directory}/nginx.pid`,
  })

  const again = await box.init(...ANSWERS.slice(0, -2), '--health-location', 'write')
  assert.deepEqual([again.code, again.stdout.match(/unchanged/g)?.length], [0, 3])

  assert.equal((await box.init('--undo', '--yes')).code, 0)
  await until(() => box.get(HEALTH) === 0, 'the health location still answers')
  assert.deepEqual([box.confD(), existsSync(box.config)], [[], false])
})

test('a site that is known by its name only, and its own health location', async () => {
  using pair = createPair()
  using box = openBox(pair.a)
  const named =
    'server { listen 81; server_name www.example.com; location / { return 200; } location = /healthz { return 200; } }'
  startNginx(box, `server { listen 81 default_server; return 444; } ${named}`)
  assert.equal((await box.init(...ANSWERS)).code, 0)
  const written = readFileSync(box.config, 'utf8')
  assert.match(written, /url: "http:\/\/127\.0\.0\.1:81\/"\n(.*\n)? +host: www\.example\.com\n/)
  const existing = await box.init(...ANSWERS, '--health-location', 'existing', '--force')
  assert.equal(existing.code, 0, existing.stderr)
  assert.match(readFileSync(box.config, 'utf8'), /url: "http:\/\/127\.0\.0\.1:81\/healthz"/)
})

test('a pool that nginx refuses leaves everything as it was; a good one is part of its configuration', async () => {
  using pair = createPair()
  using box = openBox(pair.a)
  startNginx(box, 'server { listen 80; location / { return 200; } }')
  const refused = await box.init(...ANSWERS, '--pool', 'no-such-host.invalid:80')
  assert.equal(refused.code, 5)
  assert.match(refused.stderr, /refuses the new files; they were taken away again: .*host not found in upstream/)
  assert.deepEqual([box.confD(), existsSync(box.config)], [[], false])

  const pool = ['--pool', '192.168.2.2:80,192.168.2.3:80 weight=2', '--pool-name', 'shop']
  assert.equal((await box.init(...ANSWERS, ...pool)).code, 0)
  assert.deepEqual(box.confD(), ['haup-upstream.conf'])
  const dump = box.run('/usr/sbin/nginx', '-p', box.directory, '-c', `${box.directory}/nginx.conf`, '-T', '-q')
  assert.match(dump, /upstream shop \{\n {4}server 192.168.2.2:80 weight=1 max_fails=3 fail_timeout=20s;\n/)
  assert.match(dump, /server 192.168.2.3:80 weight=2/)
})

test('a configuration that is broken already is not touched', async () => {
  using pair = createPair()
  using box = openBox(pair.a)
  startNginx(box, 'server { listen 80; location / { return 200; } }')
  // What nginx -T cannot read has no includes to be found, so the file stays readable and the test fails otherwise.
  writeFileSync(join(box.directory, 'conf.d', 'other.conf'), 'upstream a { server no-such-host.invalid; }\n')
  const ran = await box.init(...ANSWERS, '--health-location', 'write')
  assert.notEqual(ran.code, 0)
  assert.deepEqual([box.confD(), existsSync(box.config)], [['other.conf'], false])
  assert.equal(box.get('http://127.0.0.1/'), 200)
})

test('apache: the health location of a server that listens on one address', async () => {
  using pair = createPair()
  using box = openBox(pair.a)
  await startApache(box, 'Listen 192.0.2.11:80\n<Directory />\nRequire all denied\n</Directory>')
  const ran = await box.init(...ANSWERS, '--health-location', 'write')
  assert.equal(ran.code, 0, ran.stderr)
  await until(() => box.get(HEALTH) === 204, 'the health location does not answer')
  assert.match(readFileSync(box.config, 'utf8'), /argv: \[\/usr\/sbin\/apache2ctl, -f, .*, -k, start\]/)
  assert.equal((await box.init('--undo', '--yes')).code, 0)
  await until(() => box.get(HEALTH) === 0, 'the health location still answers')
})

test('several servers: one is named by its file; a kind that fits two is refused', async () => {
  using pair = createPair()
  using box = openBox(pair.a)
  using second = openBox(pair.a)
  startNginx(box, 'server { listen 80; location / { return 200; } }')
  startNginx(second, 'server { listen 81; location / { return 200; } }')
  const refused = await box.init(...ANSWERS, '--web-server', 'nginx')
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /--web-server nginx stands for several web servers here\n→ name one by its file: /)
  assert.equal((await box.init(...ANSWERS, '--web-server', `${second.directory}/nginx.conf`)).code, 0)
  assert.match(readFileSync(box.config, 'utf8'), /url: "http:\/\/127.0.0.1:81\/"/)
})

test('the other box: one file, one command; byte for byte the same, with the health location it needs', async () => {
  using pair = createPair()
  using first = openBox(pair.a)
  using second = openBox(pair.b)
  startNginx(first, 'server { listen 80; location / { return 200; } }')
  startNginx(second, 'server { listen 80; location / { return 200; } }')
  assert.equal((await first.init(...ANSWERS, '--health-location', 'write')).code, 0)
  const copy = second.copyFrom(first)
  const joined = await second.init('--join', copy, '--yes', '--no-listen')
  assert.equal(joined.code, 0, joined.stderr)
  assert.match(joined.stdout, /^this box is web2 \(192\.0\.2\.12\) of web\n/)
  assert.equal(readFileSync(second.config, 'utf8'), readFileSync(first.config, 'utf8'))
  await until(() => second.get(HEALTH) === 200, 'the health location does not answer')
  const again = await second.init('--join', copy, '--yes', '--no-listen')
  assert.match(again.stdout, /haup\.yaml unchanged/)

  const wrong = await second.init('--join', copy, '--yes', '--no-listen', '--vrid', '3')
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /--join takes it from the file: --vrid/)
  pair.b.ip('addr', 'del', '192.0.2.12/24', 'dev', 'e0')
  const elsewhere = await second.init('--join', copy, '--yes', '--no-listen')
  assert.equal(elsewhere.code, 5)
  assert.match(elsewhere.stderr, /this box is none of the nodes/)
})
