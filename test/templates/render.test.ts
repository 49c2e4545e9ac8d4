import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { render, yamlScalar } from '../../src/templates/render.ts'

test('fills in without HTML escaping', () => {
  assert.equal(render('a: {{x}} {{yaml y}}', { x: '<&">', y: 'no' }), 'a: <&"> "no"')
})

test('a missing variable is an error', () => {
  assert.throws(() => render('{{x}}', {}), /"x" not defined/)
  assert.throws(() => render('{{yaml x.y}}', { x: {} }), /not defined|not undefined/)
  assert.throws(() => render('{{yaml x}}', { x: null }), /asks for a text/)
})

test('plain where it is safe', () => {
  for (const text of ['web1', '192.0.2.100/24', '/usr/sbin/nginx', '-t', 'nginx.service', '200-399']) {
    assert.equal(yamlScalar(text), text)
  }
  assert.equal(yamlScalar(80), '80')
  assert.equal(yamlScalar(true), 'true')
})

test('quoted where YAML would read something else', () => {
  for (const text of [
    'true',
    'null',
    '80',
    '1e3',
    '0x10',
    '',
    ' a',
    'a: b',
    'a #b',
    '- a',
    '[a]',
    '~',
    '.inf',
    'a, b',
  ]) {
    assert.equal(yamlScalar(text), JSON.stringify(text))
  }
})

test('every text is read back, in block and in flow', () => {
  const property = fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
    const written = yamlScalar(text)
    assert.deepEqual(parse(`key: ${written}\n`), { key: text })
    assert.deepEqual(parse(`key: [${written}, {a: ${written}}]\n`), { key: [text, { a: text }] })
  })
  fc.assert(property, { numRuns: 500 })
})
