import assert from 'node:assert/strict'
import { userInfo } from 'node:os'
import { test } from 'node:test'
import { runAsUser } from '../../src/probes/run-as-user.ts'

const never = new AbortController().signal

test("a command gets its arguments, its environment and the user's home", async () => {
  const { username, homedir } = userInfo()
  const argv = ['sh', '-c', 'echo "$1 $HAUP_STATE $HOME $USER"', 'sh', 'a b']
  const report = await runAsUser({ argv, env: { HAUP_STATE: 'MASTER' }, user: username }, never)
  assert.deepEqual(report.end, { kind: 'exit', code: 0 })
  assert.equal(report.output, `a b MASTER ${homedir} ${username}\n`)
})

test('without a user nothing is looked up', async () => {
  const report = await runAsUser({ argv: ['sh', '-c', 'echo "$HOME"; exit 4'], user: undefined }, never)
  assert.deepEqual([report.end, report.output], [{ kind: 'exit', code: 4 }, '\n'])
})

test('a user that does not exist is a command that was not started', async () => {
  const report = await runAsUser({ argv: ['true'], user: 'haup-nobody' }, never)
  assert.deepEqual(report.end, { kind: 'not-started', reason: 'there is no user haup-nobody in /etc/passwd' })
})
