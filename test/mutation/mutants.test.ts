import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mutantsOf } from '../../scripts/mutation/mutants.ts'
import { applied, sourceOf } from '../../scripts/mutation/source.ts'

/** What the changes make of the line, in their order. */
function changed(typed: string): readonly string[] {
  const source = sourceOf(typed)
  return mutantsOf('a.ts', source).map((mutant) => applied(source.code, mutant).trim())
}

test('a comparison at its boundary and turned round, and the limit itself', () => {
  assert.deepEqual(changed('const late = (a) => a < 5'), [
    'const late = (a) => a <= 5',
    'const late = (a) => a >= 5',
    'const late = (a) => a < 4',
  ])
})

test('conditions: either instead of both, without the negation, the other truth value', () => {
  assert.deepEqual(changed('const f = (a, b) => !a && b'), [
    'const f = (a, b) => a && b',
    'const f = (a, b) => !a || b',
  ])
  assert.deepEqual(changed('const on = true'), ['const on = false'])
  assert.deepEqual(changed('const f = (a) => (a ? x : y)'), ['const f = (a) => (a ? y : x)'])
  assert.deepEqual(changed('const f = (a) => a ?? x'), ['const f = (a) => x'])
})

test('constants are twice as long, sums are differences', () => {
  assert.deepEqual(changed('const WAIT = millis(50)'), ['const WAIT = millis(100)'])
  assert.deepEqual(changed('const f = (a, b) => plus(a, b)'), ['const f = (a, b) => ((a) - (b))'])
  assert.deepEqual(changed('const f = (a, b) => Math.min(a, b)'), ['const f = (a, b) => Math.max(a, b)'])
})

test('statements go and change places, guards go', () => {
  assert.deepEqual(changed('function f() { close(); unbind() }'), [
    'function f() { {} unbind() }',
    'function f() { unbind() close(); }',
    'function f() { close(); {} }',
  ])
  const alike = changed('function f(a) { if (a) return; if (b) return; }')
  assert.ok(!alike.includes('function f(a) { if (b) return; if (a) return; }'), 'two guards that do the same')
  assert.deepEqual(changed('function f(a) { if (a) return; b() }').slice(0, 2), [
    'function f(a) { {} b() }',
    'function f(a) { b() if (a) return; }',
  ])
})

test('lists: emptied, without what is spread into them, neighbours exchanged', () => {
  assert.deepEqual(changed('const f = (a) => [gate, ...a]'), [
    'const f = (a) => []',
    'const f = (a) => [...a, gate]',
    'const f = (a) => [gate, ]',
  ])
})

test('a copy keeps what was to be changed in it; what is copied stays', () => {
  assert.deepEqual(changed('const f = (a) => ({ ...a, claim: b })'), ['const f = (a) => ({ ...a,  })'])
})

test('nothing is returned where the type lets it', () => {
  assert.deepEqual(changed('const f = (a: A): B | undefined => g(a)').map(squeezed), ['const f = (a ) => undefined'])
  assert.deepEqual(changed('const f = (a: A): readonly B[] => g(a)').map(squeezed), ['const f = (a ) => []'])
  assert.deepEqual(changed('const f = (a: A): B => g(a)'), [])
})

test('words for people are not changed', () => {
  assert.deepEqual(changed('const f = (a: number): string => (a > 1 ? "many" : "one")'), [])
  assert.deepEqual(changed(`const f = (a) => \`\${a + 1}\``), [])
  assert.deepEqual(changed('const f = (a) => log({ late: a > 1 })'), [])
})

test('a change is known by its function and its words, wherever its line is; a second like it by its number', () => {
  const names = (typed: string) => mutantsOf('a.ts', sourceOf(typed)).map(({ change }) => change)
  const once = names('const f = (a) => a ? g(b - c) : h(b - c)')
  assert.deepEqual(once, names('\n\n\nconst f = (a) => a ? g(b - c) : h(b - c)'))
  assert.deepEqual(once.slice(1), ['f: b - c -> b + c', 'f: b - c -> b + c #2'])
})

const squeezed = (text: string): string => text.replace(/ +/g, ' ')
