import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileFunction } from 'node:vm'
import { PARAMETERS, scriptOf } from '../../scripts/mutation/script.ts'
import { sourceOf } from '../../scripts/mutation/source.ts'

function run(typed: string, modules: Readonly<Record<string, object>> = {}): object {
  const { head, code, foot } = scriptOf(sourceOf(typed))
  const exports = {}
  const load = Object.assign((name: string) => modules[name], {
    default: (module: { default: unknown }) => module.default,
  })
  compileFunction(head + code + foot, PARAMETERS)(load, exports, { dirname: '/there' })
  return exports
}

test('a module runs as a script: imports of all kinds, exports of all kinds', () => {
  const typed = [
    "import whole, { one, two as second } from './a.ts'",
    "import * as all from './b.ts'",
    "export { three as third } from './b.ts'",
    'export const sum = one + second',
    'export function f(): number { return all.three }',
    'const hidden = whole',
    'export const where = import.meta.dirname',
    'export { hidden as shown }',
  ].join('\n')
  const exports = run(typed, { './a.ts': { one: 1, two: 2, default: 7 }, './b.ts': { three: 3 } })
  assert.deepEqual({ ...exports, f: undefined }, { third: 3, sum: 3, f: undefined, where: '/there', shown: 7 })
})

test('everything stays in its place', () => {
  const typed = "import { a } from './a.ts'\nexport const b: number = a"
  const { code } = scriptOf(sourceOf(typed))
  assert.equal(code.length, typed.length)
  assert.equal(code.indexOf('const b'), typed.indexOf('const b'))
})

test('what the project does not use is refused rather than guessed', () => {
  assert.throws(() => scriptOf(sourceOf('export default 1')), /not in this project/)
  assert.throws(() => scriptOf(sourceOf("export * from './a.ts'")), /not in this project/)
})
