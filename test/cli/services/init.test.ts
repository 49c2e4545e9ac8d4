import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type InitOptions, type InitWorld, runInit } from '../../../src/cli/services/init.ts'
import type { Answers } from '../../../src/cli/services/init-answers.ts'
import type { Wizard } from '../../../src/cli/services/init-wizard.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { parseIpv4 } from '../../../src/shared/ip.ts'

const own = parseIpv4('192.0.2.11')
assert.ok(own.ok)
const address = own.value

const GIVEN: Answers = { 'peer-address': '192.0.2.12', vip: '192.0.2.100/24', vrid: '77' }

/** A box with nginx, nobody to ask, and a directory of its own. */
function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'haup-init-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'etc', 'haup.yaml')
  const printed: string[] = []
  const world: InitWorld = {
    detect: async () => ({
      hostname: 'web1',
      addresses: [{ interface: 'eth0', address, length: 24 }],
      webServer: {
        kind: 'nginx',
        control: '/usr/sbin/nginx',
        pidFile: '/run/nginx.pid',
        unit: 'nginx.service',
        isRunning: true,
        listening: [{ address: '0.0.0.0', port: 80 }],
      },
      keepalived: undefined,
    }),
    wizard: undefined,
    random: () => 0,
    now: () => new Date('2026-01-02T03:04:05.678Z'),
    print: (lines) => printed.push(...lines),
  }
  const run = (flags: Answers = GIVEN, more: Partial<InitOptions> = {}, wizard?: Wizard) =>
    runInit({ config: file, flags, answersFile: undefined, force: false, dryRun: false, ...more }, { ...world, wizard })
  return { directory, file, printed, run, files: () => readdirSync(join(directory, 'etc')).toSorted() }
}

test('flags and proposals make the usual file', async (t) => {
  const { file, files, run } = setUp(t)
  const { result, exitCode } = await run({ ...GIVEN, cluster: 'shop' })
  assert.equal(exitCode, 0)
  assert.equal(result.outcome, 'written')
  const golden = readFileSync(join(import.meta.dirname, '../../templates/haup.golden.yaml'), 'utf8')
  assert.equal(readFileSync(file, 'utf8'), golden)
  assert.equal(result.content, golden)
  assert.equal(statSync(file).mode & 0o777, 0o644)
  assert.deepEqual(files(), ['haup.yaml'])
  assert.ok(result.next_steps.some((step) => step.startsWith(`scp -p ${file} root@192.0.2.12:`)))
  assert.equal(result.next_steps.filter((step) => step.startsWith('haup up')).length, 2)
})

test('the same answers on the other box make the same bytes', async (t) => {
  const { run } = setUp(t)
  const here = await run(GIVEN, { dryRun: true })
  const mirrored = { node: 'web2', address: '192.0.2.12', peer: 'web1', 'peer-address': '192.0.2.11' }
  const there = await run({ ...GIVEN, ...mirrored }, { dryRun: true })
  assert.equal(there.result.content, here.result.content)
})

test('what has no proposal is named', async (t) => {
  const { directory, run } = setUp(t)
  await assert.rejects(run({}), {
    code: 'init.missing-answer',
    message: '--peer-address and --vip have no proposal: nobody but you knows',
  })
  await assert.rejects(run({ vip: '192.0.2.100' }), /^UserError: --peer-address has no proposal/)
  assert.deepEqual(readdirSync(directory), [])
})

test('a wrong answer and a useless one are named', async (t) => {
  const { run } = setUp(t)
  await assert.rejects(run({ ...GIVEN, vrid: '300' }), {
    code: 'init.wrong-answer',
    message: /^--vrid must be a whole/,
  })
  await assert.rejects(run({ ...GIVEN, vip: '192.0.2.11' }), /--vip 192.0.2.11 is a box's own address/)
  await assert.rejects(run({ ...GIVEN, restart: 'none', 'config-test': 'nginx -t' }), {
    code: 'init.useless-answer',
    message: /^--config-test has no effect/,
  })
})

test('answers that are wrong together leave everything as it was', async (t) => {
  const { directory, run } = setUp(t)
  const outside = run({ ...GIVEN, 'restart-budget': '9 within 5s' })
  await assert.rejects(outside, { code: 'config.invalid', message: /restart_budget: is never used up/ })
  assert.deepEqual(readdirSync(directory), [])
})

test('dry run: all but the writing', async (t) => {
  const { directory, run } = setUp(t)
  const { result } = await run(GIVEN, { dryRun: true })
  assert.equal(result.outcome, 'dry-run')
  assert.match(result.content, /vrid: 77/)
  assert.deepEqual(readdirSync(directory), [])
})

test('once more: unchanged; another answer: refused with a diff; --force: replaced, a copy kept', async (t) => {
  const { file, files, printed, run } = setUp(t)
  await run()
  const before = readFileSync(file, 'utf8')
  assert.equal((await run()).result.outcome, 'unchanged')
  assert.equal(printed.length, 0)

  const other = { ...GIVEN, vrid: '78' }
  await assert.rejects(run(other), { code: 'init.exists', exitCode: 3 })
  assert.ok(printed.includes('-    vrid: 77') && printed.includes('+    vrid: 78'))
  assert.equal(readFileSync(file, 'utf8'), before)

  const { result } = await run(other, { force: true })
  assert.deepEqual(result.backups, [`${file}.bak-20260102T030405Z`])
  assert.equal(readFileSync(`${file}.bak-20260102T030405Z`, 'utf8'), before)
  assert.match(readFileSync(file, 'utf8'), /vrid: 78/)
  const again = await run(GIVEN, { force: true })
  assert.deepEqual(again.result.backups, [`${file}.bak-20260102T030405Z-1`])
  assert.deepEqual(files(), ['haup.yaml', 'haup.yaml.bak-20260102T030405Z', 'haup.yaml.bak-20260102T030405Z-1'])
})

test('a password goes into a private file beside, and nowhere else', async (t) => {
  const { directory, file, run } = setUp(t)
  const source = join(directory, 'source')
  writeFileSync(source, 'secret\n')
  const { result } = await run({ ...GIVEN, 'vrrp-version': '2', password: source })
  const written = join(directory, 'etc', 'vrrp.pass')
  assert.equal(result.password_file, written)
  assert.equal(statSync(written).mode & 0o777, 0o600)
  assert.ok(!JSON.stringify(result).includes('secret'))
  const loaded = await loadConfig(file)
  assert.ok(loaded.ok)
  assert.equal(loaded.value.config.instances[0]?.password, 'secret')
  assert.ok(result.next_steps.some((step) => step.includes(`${file} ${written}`)))
  await assert.rejects(run({ ...GIVEN, password: source }), { code: 'init.useless-answer' })
})

test('active/active: two instances, each box preferred for one', async (t) => {
  const { file, run } = setUp(t)
  await run({ ...GIVEN, vip: '192.0.2.100,192.0.2.101', 'active-active': 'yes', vrid: '255' })
  const loaded = await loadConfig(file)
  assert.ok(loaded.ok)
  const instances = loaded.value.config.instances.map(({ name, vrid, priority, virtualAddresses }) => {
    return [name, vrid, priority, virtualAddresses.map((virtual) => virtual.address.address)]
  })
  assert.deepEqual(instances, [
    ['www1', 255, { web1: 150, web2: 100 }, ['192.0.2.100']],
    ['www2', 1, { web1: 100, web2: 150 }, ['192.0.2.101']],
  ])
})

/** A person who takes each proposal, answers what has none, and agrees or not. */
function person(answers: Answers, agrees: boolean) {
  const asked: string[] = []
  const wizard: Wizard = {
    ask: async ({ key }, _message, proposal) => {
      asked.push(key)
      const answer = answers[key] ?? proposal
      assert.ok(answer !== undefined, key)
      return answer
    },
    confirm: async () => agrees,
  }
  return { asked, wizard }
}

test('the wizard tells what was found and asks for what no flag has answered', async (t) => {
  const { file, printed, run } = setUp(t)
  const { asked, wizard } = person({ 'peer-address': '192.0.2.12', vip: '192.0.2.100' }, false)
  const { result } = await run({ vrid: '77' }, {}, wizard)
  assert.equal(result.outcome, 'written')
  assert.deepEqual(printed.slice(0, 2), [
    'this box: web1, eth0 192.0.2.11/24',
    'web server: nginx (/usr/sbin/nginx), nginx.service, runs, port 80',
  ])
  assert.ok(asked.includes('vip') && !asked.includes('vrid') && !asked.includes('interface'))
  assert.ok(!asked.includes('password') && !asked.includes('active-active'))
  assert.ok((await loadConfig(file)).ok)
})

test('a person decides whether a file is replaced', async (t) => {
  const { file, printed, run } = setUp(t)
  await run()
  const refusal = await run({ ...GIVEN, vrid: '78' }, {}, person({}, false).wizard)
  assert.deepEqual([refusal.result.outcome, refusal.exitCode, refusal.result.backups], ['kept', 3, []])
  assert.ok(printed.includes('+    vrid: 78'))
  assert.match(readFileSync(file, 'utf8'), /vrid: 77/)
  const consent = await run({ ...GIVEN, vrid: '78' }, {}, person({}, true).wizard)
  assert.equal(consent.result.outcome, 'written')
  assert.match(readFileSync(file, 'utf8'), /vrid: 78/)
})

test('a place that cannot be written', async (t) => {
  const { directory, run } = setUp(t)
  writeFileSync(join(directory, 'plain'), '')
  const config = join(directory, 'plain', 'haup.yaml')
  await assert.rejects(run(GIVEN, { config }), { code: 'init.file', exitCode: 5 })
})
