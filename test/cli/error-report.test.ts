import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderError, reportError, toErrorJson } from '../../src/cli/error-report.ts'
import { EXIT, UserError } from '../../src/shared/errors.ts'

test('what somebody can act on: message, next steps, its own exit code, no stack', () => {
  const error = new UserError('no engine', {
    code: 'engine.not-running',
    exitCode: EXIT.notRunning,
    nextSteps: ['a', 'b'],
  })
  const report = reportError(error, 'haup status')
  assert.deepEqual(renderError(report), ['error: no engine', '→ a', '→ b'])
  assert.equal(report.exitCode, 4)
  assert.deepEqual(toErrorJson(report), {
    error: { code: 'engine.not-running', message: 'no engine', next_steps: ['a', 'b'] },
  })
})

test('a wrong command line exits with 2 and points to the help', () => {
  const error = Object.assign(new Error('Nonexistent flag: --foo\nSee more help with --help'), { oclif: { exit: 2 } })
  const report = reportError(error, 'haup status')
  assert.equal(report.exitCode, EXIT.usage)
  assert.deepEqual(renderError(report), ['error: Nonexistent flag: --foo', '→ haup status --help'])
})

test('a prompt that was broken off exits as a shell does after Ctrl-C', () => {
  const error = Object.assign(new Error('User force closed the prompt'), { name: 'ExitPromptError' })
  assert.equal(reportError(error, 'haup init').exitCode, 130)
})

for (const [what, thrown] of [
  ['an error', new TypeError('x is not a function')],
  ['a text', 'x is not a function'],
] as const) {
  test(`${what} that nobody expected is a bug: stack, a request to report it, exit code 1`, () => {
    const report = reportError(thrown, 'haup status')
    assert.equal(report.exitCode, EXIT.bug)
    assert.equal(report.code, 'bug')
    const lines = renderError(report)
    assert.match(lines[0] ?? '', /x is not a function/)
    assert.match(lines.at(-1) ?? '', /please report/)
    if (thrown instanceof Error) assert.match(lines[1] ?? '', /^ {4}at /)
  })
}

test('a message keeps its lines and loses what could move the cursor', () => {
  const report = reportError(new UserError('two\n  lines\u001b[2J', { code: 'x' }), 'haup')
  assert.deepEqual(renderError(report), ['error: two', '  lines [2J'])
})
