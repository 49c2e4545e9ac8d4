import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gatherGiven, interpretAnswers } from '../../../src/cli/services/init-given.ts'

const directory = mkdtempSync(join(tmpdir(), 'haup-answers-'))
after(() => rmSync(directory, { recursive: true }))

const fileOf = (name: string, content: string): string => {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

test('answers from a file, in the forms that YAML offers', () => {
  const text =
    'vrid: 77\npreempt: false\nvip: [192.0.2.100/24, 192.0.2.101]\nrestart: nginx.service\nprobe-status: [200, 301-302]\n'
  const read = interpretAnswers(text, 'answers.yaml')
  assert.ok(read.ok)
  assert.deepEqual(read.value, {
    vrid: '77',
    preempt: 'no',
    vip: '192.0.2.100/24,192.0.2.101',
    restart: 'nginx.service',
    'probe-status': '200,301-302',
  })
})

test('what is wrong in an answers file is told with its place', async () => {
  const file = fileOf('wrong.yaml', 'vird: 1\ncluster: {a: b}\n')
  await assert.rejects(gatherGiven({}, file), {
    code: 'init.answers-file',
    message: `the answers in ${file} cannot be used:
${file}:1:1: error: vird: unknown answer "vird"
    → did you mean "vrid"?
${file}:2:10: error: cluster: must be one value, or a list of values`,
  })
  await assert.rejects(gatherGiven({}, fileOf('list.yaml', '- a\n')), /must be a mapping of answers/)
  await assert.rejects(gatherGiven({}, fileOf('bad.yaml', 'a: [\n')), { code: 'init.answers-file' })
  await assert.rejects(gatherGiven({}, join(directory, 'none')), /cannot be read: ENOENT/)
})

test('a flag wins over the file', async () => {
  const file = fileOf('flags.yaml', 'vrid: 1\ncluster: one\n')
  assert.deepEqual(await gatherGiven({ vrid: '2' }, file), { vrid: '2', cluster: 'one' })
})

test('the password is read from its file', async () => {
  const good = fileOf('good.pass', 'secret\n')
  assert.deepEqual(await gatherGiven({ password: good }, undefined), { password: 'secret' })
  assert.deepEqual(await gatherGiven({}, fileOf('a.yaml', `password-from: ${good}\n`)), { password: 'secret' })
  await assert.rejects(gatherGiven({ password: fileOf('long.pass', '123456789') }, undefined), /is 9 bytes long/)
  await assert.rejects(gatherGiven({ password: fileOf('empty.pass', '\n') }, undefined), /is empty/)
  await assert.rejects(gatherGiven({ password: join(directory, 'none') }, undefined), { code: 'init.password' })
})
