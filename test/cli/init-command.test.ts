import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { VALID } from '../config/fixture.ts'
import { HAUP, runHaup } from './support/run.ts'

/** The commands as users run them (of `dist/`: build it first). */

function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'haup-command-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return { directory, file: join(directory, 'haup.yaml') }
}

const FLAGS =
  '--yes --no-listen --node web1 --address 192.0.2.11 --peer-address 192.0.2.12 --vrid 77 --cluster shop'.split(' ')
const SERVICE = '--service nginx --restart nginx.service --probe-url http://127.0.0.1/ --vrrp-version 3'.split(' ')
const NGINX = [...SERVICE, '--config-test', '/usr/sbin/nginx -t']

test('init by flags: the golden file', async (t) => {
  const { file } = setUp(t)
  const ran = await runHaup(['init', ...FLAGS, ...NGINX, '--vip', '192.0.2.100/24', '--config', file])
  assert.equal(ran.code, 0)
  assert.match(ran.stderr, /warning: no interface of this box has 192.0.2.11\n {2}→ /)
  assert.match(
    ran.stdout,
    new RegExp(`^adverts each 1s .*\n.*\nwrote ${join(dirname(file), 'cluster.key')}\nwrote ${file}\n\nnext:\n`),
  )
  const golden = readFileSync(join(import.meta.dirname, '../templates/haup.golden.yaml'), 'utf8')
  assert.equal(readFileSync(file, 'utf8'), golden)
})

test('init --json --dry-run with repeated and negated flags', async (t) => {
  const { directory, file } = setUp(t)
  const vips = ['--vip', '192.0.2.100', '--vip', '192.0.2.101', '--active-active', '--no-preempt']
  const ran = await runHaup(['init', ...FLAGS, ...NGINX, ...vips, '--config', file, '--dry-run', '--json'])
  assert.equal(ran.code, 0)
  const result = JSON.parse(ran.stdout)
  assert.partialDeepStrictEqual(result, { outcome: 'dry-run', file, password_file: null, backups: [] })
  assert.equal(result.content.match(/preempt: false/g)?.length, 2)
  assert.deepEqual(readdirSync(directory), [])
})

test('init without a terminal, without the needed answers', async (t) => {
  const { file } = setUp(t)
  const silent = await runHaup(['init', '--config', file])
  assert.equal(silent.code, 2)
  assert.match(silent.stderr, /no terminal.*\n→ add --yes/)
  const lacking = await runHaup(['init', '--config', file, '--yes', '--no-listen', '--address', '192.0.2.11'])
  assert.equal(lacking.code, 2)
  assert.match(lacking.stderr, /--peer-address and --vip have no proposal/)
})

test('Ctrl-C in the wizard: 130, no stack, nothing written', async (t) => {
  const { directory, file } = setUp(t)
  const line = `${HAUP} init --no-listen --config ${file}`
  const terminal = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], { stdio: 'pipe' })
  let shown = ''
  terminal.stdout.on('data', (chunk: Buffer) => {
    // Which question is the first one depends on the servers that run here, other tests' among them.
    const asked = shown.includes('? ')
    shown += stripVTControlCharacters(chunk.toString())
    if (!asked && shown.includes('? ')) terminal.stdin.write('\u0003')
  })
  const [code] = await once(terminal, 'close')
  assert.equal(code, 130, shown)
  assert.match(shown, /interrupted/)
  assert.doesNotMatch(shown, /at .*\.js:|ExitPromptError/)
  assert.deepEqual(readdirSync(directory), [])
})

test('config check: 0 and 3, lines and JSON', async (t) => {
  const { file } = setUp(t)
  writeFileSync(file, VALID)
  const good = await runHaup(['config', 'check', file])
  assert.deepEqual(good, {
    code: 0,
    stderr: '',
    stdout: `${file}: valid, no problems; this box is none of its nodes\n`,
  })
  writeFileSync(file, VALID.replace('vrid: 77', 'vird: 77'))
  const bad = await runHaup(['config', 'check', file])
  assert.equal(bad.code, 3)
  assert.match(bad.stdout, /:11:5: error: instances.www.vird: unknown key "vird"\n {4}→ did you mean "vrid"\?\n/)
  assert.match(bad.stdout, /: 2 errors\n$/)
  const json = await runHaup(['config', 'check', file, '--json'])
  assert.equal(json.code, 3)
  const { valid, problems } = JSON.parse(json.stdout)
  assert.equal(valid, false)
  assert.partialDeepStrictEqual(problems[1], { severity: 'error', line: 11, column: 5, path: 'instances.www.vird' })
})

test('config check as a node that this box is not: what differs is told', async (t) => {
  const { file } = setUp(t)
  writeFileSync(file, VALID)
  const ran = await runHaup(['config', 'check', file, '--node', 'web1'])
  assert.equal(ran.code, 0)
  assert.match(ran.stdout, /warning: nodes.web1.address: no interface of this box has 192.0.2.11/)
  const wrong = await runHaup(['config', 'check', file, '--node', 'web9'])
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /no node is called web9/)
})

test('config show: all keys, as YAML and JSON; an invalid file is no answer', async (t) => {
  const { file } = setUp(t)
  writeFileSync(file, VALID)
  const shown = await runHaup(['config', 'show', file, '--node', 'web2'])
  assert.equal(shown.code, 0)
  assert.match(shown.stdout, /^# .*\n# as web2 \(known by its name\)\ncluster: shop\n/)
  const json = await runHaup(['config', 'show', file, '--json'])
  assert.partialDeepStrictEqual(JSON.parse(json.stdout), { file, node: null, config: { cluster: 'shop' } })
  writeFileSync(file, 'cluster: 1\n')
  const invalid = await runHaup(['config', 'show', file])
  assert.equal(invalid.code, 2)
  assert.match(invalid.stderr, /cannot be used: 3 errors/)
})
