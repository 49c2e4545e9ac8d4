import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { describeChanges, unifiedDiff } from '../../../src/cli/services/init-diff.ts'

const NAMES = { before: 'a', after: 'b' }
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('')

test('as diff -u prints it', () => {
  const after = numbers(12).replace('line 6\n', 'line six\nand a half\n')
  assert.deepEqual(unifiedDiff(numbers(12), after, NAMES), [
    '--- a',
    '+++ b',
    '@@ -3,7 +3,8 @@',
    ' line 3',
    ' line 4',
    ' line 5',
    '-line 6',
    '+line six',
    '+and a half',
    ' line 7',
    ' line 8',
    ' line 9',
  ])
})

test('two changes far apart are two hunks, near each other one', () => {
  const hunks = (after: string) => unifiedDiff(numbers(20), after, NAMES).filter((line) => line.startsWith('@@'))
  assert.deepEqual(hunks(numbers(20).replace('line 2\n', '').replace('line 18\n', '')), [
    '@@ -1,5 +1,4 @@',
    '@@ -15,6 +14,5 @@',
  ])
  assert.equal(hunks(numbers(20).replace('line 5\n', '').replace('line 10\n', '')).length, 1)
})

test('equal, empty, from nothing', () => {
  assert.deepEqual(unifiedDiff('x\n', 'x\n', NAMES), [])
  assert.deepEqual(unifiedDiff('', '', NAMES), [])
  assert.deepEqual(unifiedDiff('', 'x\n', NAMES), ['--- a', '+++ b', '@@ -0,0 +1,1 @@', '+x'])
})

test('taking the added or the removed lines away gives the texts back', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 })
  const property = fc.property(text, text, (before, after) => {
    const diff = unifiedDiff(`${before.join('\n')}\n`, `${after.join('\n')}\n`, NAMES).slice(2)
    const lines = diff.filter((line) => !line.startsWith('@@'))
    const removed = lines.filter((line) => line.startsWith('-')).map((line) => line.slice(1))
    const added = lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1))
    const rest = (texts: readonly string[], taken: readonly string[]) => {
      const left = [...texts]
      for (const line of taken) left.splice(left.indexOf(line), 1)
      return left.toSorted()
    }
    assert.deepEqual(rest(before, removed), rest(after, added))
  })
  fc.assert(property)
})

test('for a terminal: no control characters, indentation kept, secrets hidden', () => {
  const file = { path: '/f', content: '  b\n', isSecret: false }
  assert.deepEqual(describeChanges(file, '  a\u001b[2J\n').slice(3), ['-  a [2J', '+  b'])
  const secret = { path: '/p', content: 'new', isSecret: true }
  assert.deepEqual(describeChanges(secret, 'old'), ['the secret in /p changes'])
})
