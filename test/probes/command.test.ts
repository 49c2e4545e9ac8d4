import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { hasEnded, readProcess } from '../../src/probes/process-table.ts'
import { runProbe } from '../../src/probes/run.ts'
import { fromMillis, toMillis } from '../../src/shared/units.ts'
import { directory, probe } from './support/io.ts'
import { gone } from './support/processes.ts'

const command = (argv: readonly string[], user?: string) => ({ kind: 'command', argv, user }) as const

test('exit 0 is good, with the last line of the output', async () => {
  const result = await probe(command(['printf', 'one\\ntwo lines\\n\\n']))
  assert.deepEqual([result.ok, result.detail], [true, 'two lines'])
  assert.equal(result.probe, 'command printf one\\ntwo lines\\n\\n')
  assert.match((await probe(command(['true']))).detail, /^exit 0 in /)
})

test('another exit is bad, and says what the script said', async (t) => {
  const script = await scriptOf(t, 'echo fine; echo "replica is \u001b[31mlate" >&2; exit 3')
  assert.deepEqual(await verdict(command([script])), [false, 'exit 3: replica is  [31mlate'])
  assert.deepEqual(await verdict(command(['false'])), [false, 'exit 1'])
  assert.deepEqual(await verdict(command([await scriptOf(t, 'kill -SEGV $$')])), [false, 'killed by SIGSEGV'])
})

test('what cannot be started says why', async (t) => {
  assert.deepEqual(await verdict(command(['/nonexistent/check'])), [false, 'there is no program /nonexistent/check'])
  const plain = join(await directory(t), 'check')
  writeFileSync(plain, '')
  assert.deepEqual(await verdict(command([plain])), [false, `${plain} may not be executed`])
  assert.equal((await verdict(command([])))[0], false)
})

test('no shell reads the arguments', async () => {
  const result = await probe(command(['echo', '$HOME; `id`', '*']))
  assert.equal(result.detail, '$HOME; `id` *')
})

test('it gets a minimal environment, no input and the root directory', async (t) => {
  const script = await scriptOf(t, 'read x && echo input; env | cut -d= -f1 | sort | tr "\\n" " "; pwd')
  process.env.HAUP_TEST_SECRET = 'leaked'
  t.after(() => delete process.env.HAUP_TEST_SECRET)
  assert.equal((await probe(command([script]))).detail, 'LC_ALL PATH PWD /')
})

test('a user: its ids, no supplementary groups, its home', async (t) => {
  const script = await scriptOf(t, 'echo $(id -un) $(id -gn) $(id -G | wc -w) $HOME')
  assert.equal((await probe(command([script], 'www-data'))).detail, 'www-data www-data 1 /var/www')
  assert.deepEqual(await verdict(command(['true'], 'no-such-user')), [
    false,
    'there is no user no-such-user in /etc/passwd',
  ])
})

test('time is up: the whole group is killed', async (t) => {
  const { script, grandchild } = await patientScript(t)
  const result = await probe(command([script]), 300)
  assert.deepEqual([result.ok, result.detail], [false, 'not done within 300ms, killed: waiting'])
  assert.ok(toMillis(result.took) < 1_500)
  await gone(grandchild())
})

test('time is up: children in sessions and groups of their own are killed, a daemon that was let go of is not', async (t) => {
  const dir = await directory(t)
  const [inSession, under, inGroup, daemon] = ['session', 'under', 'group', 'daemon'].map((name) => join(dir, name))
  const script = await scriptOf(
    t,
    `setsid sh -c 'echo $$ > ${inSession}; sleep 60 & echo $! > ${under}; wait' &
(setsid sh -c 'echo $$ > ${daemon}; exec sleep 60' &)
set -m; sleep 60 & echo $! > ${inGroup}
wait`,
  )
  const numberIn = (file = ''): number => Number(readFileSync(file, 'utf8'))
  const result = await probe(command([script]), 500)
  assert.equal(result.ok, false)
  const lives = numberIn(daemon)
  t.after(() => process.kill(lives))
  for (const file of [inSession, under, inGroup]) await gone(numberIn(file))
  assert.equal(hasEnded(await readProcess(lives)), false)
})

test('the caller stops it: the group is killed, too', async (t) => {
  const { script, grandchild, begun } = await patientScript(t)
  const stop = new AbortController()
  const running = runProbe(command([script]), fromMillis(10_000), stop.signal)
  while (!begun()) await delay(5)
  stop.abort()
  assert.equal((await running).detail, 'stopped')
  await gone(grandchild())
})

test('a grandchild that keeps the output open does not keep the probe', async (t) => {
  const script = await scriptOf(t, 'sleep 5 & echo done')
  const result = await probe(command([script]), 4_000)
  assert.deepEqual([result.ok, result.detail], [true, 'done'])
  assert.ok(toMillis(result.took) < 2_000)
})

test('much output is not kept', async () => {
  const result = await probe(command(['seq', '1', '200000']))
  assert.equal(result.detail, '200000')
})

async function verdict(spec: Parameters<typeof probe>[0]): Promise<readonly [boolean, string]> {
  const { ok, detail } = await probe(spec)
  return [ok, detail]
}

async function scriptOf(t: TestContext, body: string): Promise<string> {
  const dir = await directory(t)
  const path = join(dir, 'check.sh')
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(dir, 0o755)
  chmodSync(path, 0o755)
  return path
}

/** Waits for a grandchild, whose number it leaves in a file. */
async function patientScript(t: TestContext) {
  const file = join(await directory(t), 'grandchild')
  const script = await scriptOf(t, `echo waiting; sleep 60 & echo $! > ${file}.new; mv ${file}.new ${file}; wait`)
  return { script, begun: () => existsSync(file), grandchild: () => Number(readFileSync(file, 'utf8')) }
}
