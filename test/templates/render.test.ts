import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { render, yamlScalar } from '../../src/templates/render.ts'

test('fills in without HTML escaping', () => {
  assert.equal(render('a: {{x}} {{yaml y}}', { x: '<&">', y: 'no' }), 'a: <&"> "no"')
})

test('what init shows before it writes it fits a terminal, the sign in front of each line included', () => {
  const directory = join(import.meta.dirname, '../../src/templates')
  const files = readdirSync(directory).filter((name) => name.endsWith('.hbs') && !name.startsWith('completion.'))
  assert.ok(files.length > 5)
  for (const name of files) {
    // Lines with variables are as long as what they are filled with.
    const lines = readFileSync(join(directory, name), 'utf8')
      .split('\n')
      .filter((line) => !line.includes('{{'))
    assert.deepEqual(
      lines.filter((line) => line.length > 78),
      [],
      name,
    )
  }
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
