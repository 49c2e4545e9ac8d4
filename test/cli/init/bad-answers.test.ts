import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ANSWER_KEYS, type AnswerKey } from '../../../src/cli/services/init-answers.ts'
import { flagOf } from '../../../src/cli/services/init-questions.ts'
import { GIVEN, NGINX, setUpBox } from '../services/init-box.ts'
import { runHaup } from '../support/run.ts'

/** A wrong value for each answer: the error names the flag and says what to do, and nothing is written. */
const WRONG: Readonly<Record<AnswerKey, readonly [value: string, message: RegExp, more?: object]>> = {
  cluster: ['a b', /must be a name, not "a b"/],
  node: ['-x', /must be a name/],
  address: ['192.0.2', /must be an IPv4 address/],
  interface: ['eth 0', /must be an interface name/],
  peer: ['web1', /must differ from/],
  'peer-address': ['192.0.2.11', /must differ from/],
  vip: ['192.0.2.0/24', /cannot be given to a host: it is the network address/],
  'active-active': ['yes', /needs two virtual addresses/],
  instance: ['a/b', /must be a name/],
  prefer: ['web9', /must be web1 or web2/],
  priority: ['130,150', /must have the higher one first/],
  vrid: ['300', /must be a whole number from 1 to 255/],
  'vrrp-version': ['4', /must be 2 or 3/],
  'advert-interval': ['1', /must be a duration with its unit/],
  preempt: ['maybe', /must be yes or no/],
  password: ['/no/such/file', /cannot be read/, { 'vrrp-version': '2' }],
  service: ['', /must be a name/],
  'health-location': ['there', /must be none or existing or write/],
  'health-port': ['70000', /must be a whole number from 1 to 65535/, { 'health-location': 'write' }],
  'probe-url': ['127.0.0.1', /must be a URL/],
  'probe-host': ['a b', /must be a host name/],
  'probe-status': ['ok', /must be an HTTP status/],
  restart: ['nginx', /must be a systemd service, an absolute command, or none/],
  'pid-file': ['nginx.pid', /must be an absolute path/, { restart: '/usr/sbin/nginx' }],
  'config-test': ['./test', /no absolute path/],
  'restart-budget': ['2 per 60s', /must be a number of restarts and a time/],
  'notify-master': ['./tell', /no absolute path/],
  'notify-backup': ['./tell', /no absolute path/],
  'notify-fault': ['./tell', /no absolute path/],
  'notify-stop': ['./tell', /no absolute path/],
  notify: ['./tell', /no absolute path/],
  pool: ['192.168.2.2:0', /must be a server such as/],
  'pool-name': ['a b', /must be a name/, { pool: '192.168.2.2' }],
  'systemd-unit': ['yes', /must be write or none/],
  'nonlocal-bind': ['1', /must be yes or no/],
  firewall: ['yes', /must be print or apply or none/],
  'no-peer': ['maybe', /must be yes or no/],
  'second-line': ['10.0.0.1', /must be two addresses/],
  witness: ['192.0.2.1', /must be gateway, ping:ADDRESS/],
}

for (const key of ANSWER_KEYS) {
  test(`--${flagOf(key)}`, async (t) => {
    const [value, message, more] = WRONG[key]
    const { directory, run } = setUpBox(t)
    const answers = { ...GIVEN, node: 'web1', peer: 'web2', ...more, [key]: value }
    await assert.rejects(run(answers, { facts: { webServer: NGINX } }), (error: Error) => {
      assert.match(error.message, new RegExp(`^--${flagOf(key)} `))
      return message.test(error.message)
    })
    assert.deepEqual(readdirSync(directory), [])
  })
}

/** What a person means for a shell would reach the program as it is. */
const FOR_A_SHELL = [
  ['/usr/sbin/nginx -g "daemon on;"', '"'],
  ["/bin/sh -c 'nginx'", "'"],
  ['/usr/sbin/nginx ; reboot', ';'],
  ['/usr/sbin/nginx; reboot', ';'],
  ['/bin/a && /bin/b', '&'],
  ['/bin/a > /dev/null', '>'],
  ['/bin/a 2>/dev/null', '2>'],
  ['/bin/a $(cat /run/x)', '$('],
  ['/bin/a $HOME', '$H'],
  ['/bin/a `id`', '`'],
] as const

for (const [command, sign] of FOR_A_SHELL) {
  test(`a command with ${sign}: ${command}`, async (t) => {
    const { directory, run } = setUpBox(t)
    for (const key of ['restart', 'config-test', 'notify'] as const) {
      await assert.rejects(run({ ...GIVEN, [key]: command }), (error: Error) => {
        assert.ok(
          error.message.startsWith(`--${key} has the sign ${sign}, which only a shell understands`),
          error.message,
        )
        return true
      })
    }
    assert.deepEqual(readdirSync(directory), [])
  })
}

test('a comma, an equals sign, a brace: arguments like others', async (t) => {
  const { run } = setUpBox(t)
  const { result } = await run({ ...GIVEN, notify: '/usr/bin/tell --to=a,b {} a;b x&y' })
  assert.match(result.content, /any: \[\/usr\/bin\/tell, /)
})

const directory = mkdtempSync(join(tmpdir(), 'haup-bad-'))
after(() => rmSync(directory, { recursive: true }))
const file = join(directory, 'haup.yaml')
const FLAGS = [
  '--yes',
  '--no-listen',
  '--peer-address',
  '192.0.2.12',
  '--vip',
  '192.0.2.100/24',
  '--address',
  '192.0.2.11',
]
const broken = join(directory, 'broken.yaml')
writeFileSync(broken, 'cluster: 1\n')

const WAYS: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [['--web-server', 'lighttpd'], /--web-server lighttpd is none of the web servers here\n→ /],
  [['--root', 'image'], /--root must be an absolute path/],
  [['--answers', '/no/such'], /\/no\/such cannot be read/],
  [['--config', '/dev/null/haup.yaml'], /cannot .*\/dev\/null\//],
  [['--vrid', ''], /--vrid must be a whole number from 1 to 255, not empty/],
  [['--no-such-flag'], /--no-such-flag/],
  [['--undo', '--join', 'x'], /--undo|--join/],
]

for (const [args, message] of WAYS) {
  test(`init ${args.join(' ')}`, async () => {
    const config = args.includes('--config') ? [] : ['--config', file]
    const ran = await runHaup(['init', ...FLAGS, ...config, ...args])
    assert.ok(ran.code === 2 || ran.code === 5, `${ran.code}`)
    assert.match(ran.stderr, message)
    assert.doesNotMatch(ran.stderr, /\bat .*\.js/)
    assert.equal(existsSync(file), false)
  })
}

test('--join with a file that is none, and one that is wrong', async () => {
  const none = await runHaup(['init', '--join', '/no/such', '--yes', '--config', file])
  assert.equal(none.code, 2)
  assert.match(none.stderr, /\/no\/such/)
  const wrong = await runHaup(['init', '--join', broken, '--yes', '--config', file])
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /broken\.yaml:1:10: error: cluster/)
  assert.equal(existsSync(file), false)
})
