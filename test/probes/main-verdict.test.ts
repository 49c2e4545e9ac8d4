import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BUSY_MS, GRACE_MS, judgeEnd, judgeUnit, NEWS_MS, parseUnit } from '../../src/probes/main-verdict.ts'

const former = { pid: 7, startTime: '100' }
const reason = 'a reason'

describe('the end of a main process', () => {
  test('is a death at once when it crashed, or when there is no telling', () => {
    for (const kind of ['crashed', 'unknown'] as const) assert.equal(judgeEnd(former, { kind, reason }, 0), 'died')
  })

  test('in order may be half of a restart, for a moment', () => {
    assert.equal(judgeEnd(former, { kind: 'ended', reason }, GRACE_MS - 1), 'open')
    assert.equal(judgeEnd(former, { kind: 'ended', reason }, GRACE_MS), 'died')
  })

  test('is left to whoever is at work on it', () => {
    assert.equal(judgeEnd(former, { kind: 'busy', reason }, GRACE_MS), 'open')
    assert.equal(judgeEnd(former, { kind: 'busy', reason }, BUSY_MS), 'died')
  })

  test('is none when another one runs, also under the same number', () => {
    assert.equal(judgeEnd(former, { kind: 'runs', pid: 8, startTime: '100' }, 0), 'replaced')
    assert.equal(judgeEnd(former, { kind: 'runs', pid: 7, startTime: '101' }, 0), 'replaced')
  })

  test('may be known to us before others', () => {
    assert.equal(judgeEnd(former, { kind: 'runs', ...former }, 0), 'open')
    assert.equal(judgeEnd(former, { kind: 'runs', ...former }, NEWS_MS), 'died')
  })
})

describe('a unit', () => {
  const cases = [
    ['killed, being cleaned up', 'deactivating', 'stop-sigterm', 'signal', '', 'crashed'],
    ['killed', 'failed', 'failed', 'signal', '', 'crashed'],
    ['killed, systemd will start it later', 'activating', 'auto-restart', 'signal', '', 'crashed'],
    ['stopped by an administrator, or restarted', 'deactivating', 'stop-sigterm', 'success', '4711', 'busy'],
    ['restarted, coming up', 'activating', 'start-pre', 'success', '4712', 'busy'],
    ['coming up', 'activating', 'start', 'success', '', 'busy'],
    ['reloading', 'reloading', 'reload', 'success', '', 'busy'],
    ['stopped', 'inactive', 'dead', 'success', '', 'ended'],
    ['ended by itself in order', 'deactivating', 'stop-post', 'success', '', 'ended'],
    ['not yet noticed by systemd', 'active', 'running', 'success', '', 'ended'],
  ] as const
  for (const [what, active, sub, result, job, kind] of cases) {
    test(`${what}: ${kind}`, () => {
      const job_line = job === '' ? '' : `Job=${job}\n`
      const shown = `LoadState=loaded\nActiveState=${active}\nSubState=${sub}\nResult=${result}\n${job_line}MainPID=0\n`
      const state = parseUnit(shown)
      assert.ok(state !== undefined)
      assert.equal(judgeUnit(state).kind, kind)
    })
  }

  test('its main process is a number, or none', () => {
    assert.equal(parseUnit('LoadState=loaded\nMainPID=4711')?.main, 4711)
    assert.equal(parseUnit('LoadState=loaded\nMainPID=[not set]')?.main, 0)
    assert.equal(parseUnit('LoadState=loaded')?.main, 0)
  })

  test('has a job, or an empty word, or nothing', () => {
    assert.equal(parseUnit('LoadState=loaded\nJob=165')?.job, true)
    for (const none of ['\nJob=', '\nJob=0', '']) assert.equal(parseUnit(`LoadState=loaded${none}`)?.job, false)
  })

  test('that does not exist is none', () => {
    assert.equal(parseUnit('LoadState=not-found\nMainPID=0'), undefined)
    assert.equal(parseUnit(''), undefined)
  })
})
