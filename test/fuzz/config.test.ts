import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { formatProblems } from '../../src/config/format.ts'
import { loadContent } from '../../src/config/load.ts'
import { VALID } from '../config/fixture.ts'

/** Whatever stands in a file: a verdict, never an exception; every problem has a place in the file and one line of text. */
async function judged(content: Uint8Array): Promise<void> {
  const loaded = await loadContent(content, '/nonexistent/haup.yaml')
  const problems = loaded.ok ? loaded.value.warnings : loaded.error
  if (!loaded.ok) assert.ok(problems.some(({ severity }) => severity === 'error'))
  const lines = new TextDecoder().decode(content).split('\n').length
  for (const { place, message } of problems) {
    const isWholeFile = place.line === 0 && place.column === 0
    assert.ok(isWholeFile || (place.line >= 1 && place.line <= lines + 1), `line ${place.line} of ${lines}`)
    assert.ok(isWholeFile || place.column >= 1)
    assert.notEqual(message, '')
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  for (const line of formatProblems(problems)) assert.doesNotMatch(line, /[\u0000-\u001f\u007f]/)
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('random bytes', () => fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), judged), { numRuns: 400 }))

test('random YAML', () =>
  fc.assert(
    fc.asyncProperty(fc.jsonValue(), (value) => judged(bytes(stringify(value)))),
    { numRuns: 300 },
  ))

const junk = fc.constantFrom(
  '',
  '-1',
  '[]',
  '{}',
  '~',
  '"\\0"',
  '*x',
  '&x y',
  '1e9',
  '0x10',
  '.inf',
  '!!x y',
  '? ',
  '- ',
  '#',
)

test('a valid file with values replaced', () => {
  const places = [...VALID.matchAll(/: (?=\S)/g)].map(({ index }) => index + 2)
  const edit = fc.tuple(fc.constantFrom(...places), fc.oneof(junk, fc.string({ maxLength: 12 })))
  const property = fc.asyncProperty(edit, ([at, value]) => {
    const end = VALID.indexOf('\n', at)
    return judged(bytes(VALID.slice(0, at) + value + VALID.slice(end)))
  })
  return fc.assert(property, { numRuns: 600 })
})

test('a valid file with pieces cut out, doubled and moved', () => {
  const range = fc.tuple(fc.nat(VALID.length), fc.nat(80), fc.nat(VALID.length), fc.string({ maxLength: 3 }))
  const property = fc.asyncProperty(fc.array(range, { minLength: 1, maxLength: 4 }), (edits) => {
    const edited = edits.reduce((text, [from, length, to, extra]) => {
      const piece = text.slice(from, from + length)
      const rest = text.slice(0, from) + text.slice(from + length)
      return rest.slice(0, to) + piece + extra + rest.slice(to)
    }, VALID)
    return judged(bytes(edited))
  })
  return fc.assert(property, { numRuns: 600 })
})
