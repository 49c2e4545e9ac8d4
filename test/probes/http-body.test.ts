import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { judgeBody } from '../../src/probes/http-body.ts'
import { http, probe, serve } from './support/io.ts'

const text = (wanted: string) => ({ body: { kind: 'text', text: wanted } }) as const
const regex = (wanted: RegExp) => ({ body: { kind: 'regex', regex: wanted } }) as const

describe('the body', () => {
  test('must contain the text', async (t) => {
    const url = await serve(t, (_request, response) => response.end('database: ok\n'))
    assert.equal((await probe(http(url, text('ok')))).ok, true)
    const wrong = await probe(http(url, text('fine')))
    assert.deepEqual([wrong.ok, wrong.detail], [false, '200, but the body lacks "fine": "database: ok"'])
  })

  test('must match the expression, whose flags keep no state between rounds', async (t) => {
    const url = await serve(t, (_request, response) => response.end('worker 17 of 20'))
    const spec = http(url, regex(/worker \d+/g))
    assert.equal((await probe(spec)).ok, true)
    assert.equal((await probe(spec)).ok, true)
    const wrong = await probe(http(url, regex(/^idle$/)))
    assert.equal(wrong.detail, '200, but the body does not match /^idle$/: "worker 17 of 20"')
  })

  test('that is empty is called so', () => {
    assert.equal(judgeBody({ kind: 'text', text: 'ok' }, ''), 'the body lacks "ok" (it is empty)')
  })

  test('comes after the status', async (t) => {
    const url = await serve(t, (_request, response) => response.writeHead(404).end('ok'))
    assert.equal((await probe(http(url, text('ok')))).detail, '404 Not Found, expected 200-399')
  })

  test('is read up to 64 KiB: what comes after counts neither for nor against', async (t) => {
    const url = await serve(t, (_request, response) => {
      response.write('x'.repeat(65_530))
      response.write('INSIDEOUTSIDE')
    })
    assert.equal((await probe(http(url, text('xINSIDE')))).ok, true, 'it does not wait for an endless body')
    assert.equal((await probe(http(url, text('OUTSIDE')))).ok, false)
  })

  test('that drives an expression mad is bad, in time', () => {
    const begin = performance.now()
    const check = { kind: 'regex', regex: /^(a+)+$/ } as const
    assert.equal(judgeBody(check, `${'a'.repeat(50)}b`), 'matching /^(a+)+$/ takes longer than 20ms')
    assert.ok(performance.now() - begin < 1_000)
  })
})
