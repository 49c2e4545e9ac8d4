import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../../src/config/load.ts'
import { GIVEN, person, setUpBox } from './init-box.ts'

test('flags and proposals make the usual file', async (t) => {
  const { file, files, run } = setUpBox(t)
  const { result, exitCode } = await run({ ...GIVEN, cluster: 'shop' })
  assert.equal(exitCode, 0)
  assert.equal(result.outcome, 'written')
  const golden = readFileSync(join(import.meta.dirname, '../../templates/haup.golden.yaml'), 'utf8')
  assert.equal(readFileSync(file, 'utf8'), golden)
  assert.equal(result.content, golden)
  assert.equal(statSync(file).mode & 0o777, 0o644)
  assert.deepEqual(files(), ['cluster.key', 'haup.yaml'])
  const key = join(dirname(file), 'cluster.key')
  assert.equal(result.key_file, key)
  assert.deepEqual(result.next_steps, [
    `haup up --config ${file}`,
    `scp -p ${file} ${key} root@192.0.2.12:`,
    `ssh -t root@192.0.2.12 haup init --join haup.yaml --config ${file}`,
    'haup status',
  ])
})

test('the same answers on the other box make the same bytes', async (t) => {
  const { run } = setUpBox(t)
  const here = await run(GIVEN, { options: { dryRun: true } })
  const mirrored = { node: 'web2', address: '192.0.2.12', peer: 'web1', 'peer-address': '192.0.2.11' }
  const there = await run({ ...GIVEN, ...mirrored }, { options: { dryRun: true } })
  assert.equal(there.result.content, here.result.content)
})

test('what has no proposal is named', async (t) => {
  const { directory, run } = setUpBox(t)
  await assert.rejects(run({}), {
    code: 'init.missing-answer',
    message: '--peer-address and --vip have no proposal: nobody but you knows',
  })
  await assert.rejects(run({ vip: '192.0.2.100' }), /^UserError: --peer-address has no proposal/)
  assert.deepEqual(readdirSync(directory), [])
})

test('a wrong answer and a useless one are named', async (t) => {
  const { run } = setUpBox(t)
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
  const { directory, run } = setUpBox(t)
  const outside = run({ ...GIVEN, 'restart-budget': '9 within 5s' })
  await assert.rejects(outside, { code: 'config.invalid', message: /restart_budget: is never used up/ })
  assert.deepEqual(readdirSync(directory), [])
})

test('what is wrong with the file as a whole is told before it is written, once', async (t) => {
  const { run, warned } = setUpBox(t)
  const flags = { 'peer-address': '192.0.22.12', vip: '192.0.2.100/24 dev eth9', 'probe-url': 'http://192.0.2.100/' }
  const { result } = await run({ ...GIVEN, ...flags })
  const told = result.warnings.map(({ code, message }) => `${code} ${message.slice(0, message.indexOf(' '))}`)
  assert.deepEqual(told, [
    'config services.nginx.probes[0].tcp:',
    'config services.nginx.probes[1].http:',
    ...['config.host nodes.web2.address:', 'config.host instances.www.virtual_addresses[0].interface:'],
  ])
  assert.match(warned.join(' '), /warning: nodes\.web2\.address: 192\.0\.22\.12 is outside/)
  const outside = await run({ ...GIVEN, vip: '198.51.100.7/24' }, { options: { dryRun: true } })
  assert.deepEqual(
    outside.result.warnings.map(({ code }) => code),
    ['vip-subnet'],
  )
})

test('dry run: all but the writing', async (t) => {
  const { directory, run } = setUpBox(t)
  const { result } = await run(GIVEN, { options: { dryRun: true } })
  assert.equal(result.outcome, 'dry-run')
  assert.match(result.content, /vrid: 77/)
  assert.deepEqual(readdirSync(directory), [])
})

test('once more: unchanged; another answer: refused with a diff; --force: replaced, a copy kept', async (t) => {
  const { file, files, printed, run } = setUpBox(t)
  await run()
  const before = readFileSync(file, 'utf8')
  const told = printed.length
  assert.equal((await run()).result.outcome, 'unchanged')
  assert.equal(printed.length, told)

  const other = { ...GIVEN, vrid: '78' }
  await assert.rejects(run(other), { code: 'init.exists', exitCode: 3 })
  assert.ok(printed.includes('-    vrid: 77') && printed.includes('+    vrid: 78'))
  assert.equal(readFileSync(file, 'utf8'), before)

  const { result } = await run(other, { options: { force: true } })
  assert.deepEqual(result.backups, [`${file}.bak-20260102T030405Z`])
  assert.equal(readFileSync(`${file}.bak-20260102T030405Z`, 'utf8'), before)
  assert.match(readFileSync(file, 'utf8'), /vrid: 78/)
  const again = await run(GIVEN, { options: { force: true } })
  assert.deepEqual(again.result.backups, [`${file}.bak-20260102T030405Z-1`])
  assert.deepEqual(files(), [
    'cluster.key',
    'haup.yaml',
    'haup.yaml.bak-20260102T030405Z',
    'haup.yaml.bak-20260102T030405Z-1',
  ])
})

test('a password goes into a private file beside, and nowhere else', async (t) => {
  const { directory, file, run } = setUpBox(t)
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
  assert.ok(result.next_steps.some((step) => step.includes(`${file} ${written} `)))
  await assert.rejects(run({ ...GIVEN, password: source }), { code: 'init.useless-answer' })
})

test('active/active: two instances, each box preferred for one', async (t) => {
  const { file, run } = setUpBox(t)
  await run({ ...GIVEN, vip: '192.0.2.100,192.0.2.101', 'active-active': 'yes', vrid: '255' })
  const loaded = await loadConfig(file)
  assert.ok(loaded.ok)
  const instances = loaded.value.config.instances.map(({ name, vrid, priority, virtualAddresses }) => {
    return [name, vrid, priority, virtualAddresses.map((virtual) => virtual.address.address)]
  })
  assert.deepEqual(instances, [
    ['www1', 255, { web1: 250, web2: 240 }, ['192.0.2.100']],
    ['www2', 1, { web1: 240, web2: 250 }, ['192.0.2.101']],
  ])
})

test('the wizard tells what was found and asks for what no flag has answered', async (t) => {
  const { file, printed, run } = setUpBox(t)
  const { asked, wizard } = person({ 'peer-address': '192.0.2.12', vip: '192.0.2.100' })
  const { result } = await run({ vrid: '77' }, { world: { wizard } })
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
  const { file, printed, run } = setUpBox(t)
  await run()
  const refusal = await run({ ...GIVEN, vrid: '78' }, { world: person({}, 'write nothing') })
  assert.deepEqual([refusal.result.outcome, refusal.exitCode, refusal.result.backups], ['kept', 3, []])
  assert.ok(printed.includes('+    vrid: 78'))
  assert.match(readFileSync(file, 'utf8'), /vrid: 77/)
  const consent = await run({ ...GIVEN, vrid: '78' }, { world: person({}, 'write them') })
  assert.equal(consent.result.outcome, 'written')
  assert.match(readFileSync(file, 'utf8'), /vrid: 78/)
})

test('a place that cannot be written', async (t) => {
  const { directory, run } = setUpBox(t)
  writeFileSync(join(directory, 'plain'), '')
  const config = join(directory, 'plain', 'haup.yaml')
  await assert.rejects(run(GIVEN, { options: { config } }), { code: 'init.file', exitCode: 5 })
})
