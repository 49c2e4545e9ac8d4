import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemsOf, VALID } from './fixture.ts'

for (const [from, to, path] of [
  ['host: 127.0.0.1', 'host: 192.0.2.100', 'services.web.probes[0].tcp'],
  ['url: "https://127.0.0.1/"', 'url: "https://192.0.2.101:8443/"', 'services.web.probes[1].http'],
] as const) {
  test(`a service that is probed by a virtual address: ${path}`, () => {
    assert.ok(VALID.includes(from))
    const problems = problemsOf(VALID.replace(from, to))
    assert.deepEqual(
      problems.map((problem) => [problem.severity, problem.path]),
      [['warning', path]],
    )
    assert.match(problems[0]?.message ?? '', /^192\.0\.2\.10[01] is a virtual address: a standby would ask the master/)
  })
}
