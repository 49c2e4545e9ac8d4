import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

/**
 * The floors of ARCHITECTURE.md, as a test. A file may import from its own floor's folder and from lower floors; the
 * first pattern that matches a path decides.
 */
const FLOORS: readonly (readonly [pattern: RegExp, floor: number])[] = [
  [/^src\/shared\//, 0],
  [/^src\/native\//, 1],
  [/^src\/engine\/vrrp\//, 1],
  [/^src\/engine\/peer\//, 1],
  [/^src\/probes\/(types|policy.*|describe|main-verdict)\.ts$/, 1],
  [/^src\/control\/(messages|parse)\.ts$/, 1],
  [/^src\/templates\//, 1],
  [/^src\/config\//, 2],
  [/^src\/engine\/(ports|status)\.ts$/, 3],
  [/^src\/engine\/core\//, 3],
  [/^src\/engine\/(io|vip|gate)\//, 4],
  [/^src\/probes\//, 4],
  [/^src\/engine\//, 5],
  [/^src\/control\//, 5],
  [/^src\/cli\//, 6],
  [/^src\/lab\//, 7],
  [/^src\/commands\//, 8],
  [/^src\/main\.ts$/, 9],
]

/** Files that must stay pure: no clock, socket, file or random source, not even by way of an import. */
const PURE =
  /^src\/(engine\/vrrp\/|engine\/peer\/|engine\/core\/|engine\/(status|ports)\.ts|probes\/(types|policy.*|describe|main-verdict)\.ts|config\/(types|check.*|finding|nearest)\.ts|control\/(messages|parse)\.ts|cli\/(render-.*|status-facts|layout|paint)\.ts|shared\/(units|result|errors|ip|log|listing)\.ts)/

/** Packages that one place alone may use, and why. */
const ONLY_IN: readonly (readonly [specifier: RegExp, where: RegExp, why: string])[] = [
  [/^raw-socket$/, /^src\/engine\/io\//, 'one adapter carries the adverts'],
  [/^netlink\//, /^src\/engine\/(io|vip)\//, 'one adapter sets addresses'],
  [/^handlebars$/, /^src\/templates\//, 'all generated text comes from templates'],
  [/^@inquirer\//, /^src\/cli\//, 'only the wizard asks'],
  [/^@oclif\//, /^src\/(commands\/|cli\/|main\.ts$)/, 'services do not know of flags'],
  [/^zod$/, /^src\/(config|lab)\//, 'input is parsed once, at the door'],
  [/^yaml$/, /^src\/(config|cli|templates)\//, 'input is parsed once, at the door'],
  [/^(node:)?child_process$/, /^src\/(probes|lab)\//, 'programs are started with a fixed argv from few places'],
]

/** No file needs an apology. */
const MOST_LINES = 300

const root = join(import.meta.dirname, '..')
const files = globSync('src/**/*.ts', { cwd: root }).sort()
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))

test('there are sources to look at', () => {
  assert.ok(files.length > 30, `${files.length} files`)
})

test('imports go down only', () => {
  const wrong: string[] = []
  for (const [file, text] of sources) {
    for (const target of localImports(file, text)) {
      const [from, to] = [floorOf(file), floorOf(target)]
      if (to > from) wrong.push(`${file} (floor ${from}) imports ${target} (floor ${to})`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('pure files import only pure files and no part of Node', () => {
  const wrong: string[] = []
  for (const [file, text] of sources) {
    if (!PURE.test(file)) continue
    const outside = specifiers(text).filter((specifier) => !specifier.startsWith('.'))
    if (outside.length > 0) wrong.push(`${file} imports ${outside.join(', ')}`)
    for (const target of localImports(file, text)) if (!PURE.test(target)) wrong.push(`${file} imports ${target}`)
  }
  assert.deepEqual(wrong, [])
})

test('pure files read no clock and no random source, and start no timer', () => {
  const banned =
    /\b(Date\.now|new Date\(\)|performance\.|process\.|Math\.random|setTimeout|setInterval|setImmediate|queueMicrotask|crypto\.)/
  const wrong: string[] = []
  for (const [file, text] of sources) {
    const found = PURE.test(file) ? banned.exec(withoutComments(text)) : null
    if (found !== null) wrong.push(`${file}: ${found[0]}`)
  }
  assert.deepEqual(wrong, [])
})

test('packages stay behind their adapters', () => {
  const wrong: string[] = []
  for (const [file, text] of sources) {
    for (const specifier of specifiers(text)) {
      for (const [pattern, where, why] of ONLY_IN) {
        if (pattern.test(specifier) && !where.test(file)) wrong.push(`${file} imports ${specifier}: ${why}`)
      }
    }
  }
  assert.deepEqual(wrong, [])
})

test('files can be read at a sitting', () => {
  const long = [...sources]
    .map(([file, text]) => ({ file, lines: text.split('\n').length }))
    .filter(({ lines }) => lines > MOST_LINES)
  assert.deepEqual(long, [])
})

test('commands parse flags, call one service and return its result', () => {
  const long = [...sources]
    .filter(([file]) => file.startsWith('src/commands/'))
    .map(([file, text]) => ({ file, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 80)
  assert.deepEqual(long, [])
})

test('no shell: nothing is started through one', () => {
  const wrong = [...sources].filter(([, text]) =>
    /\bshell:\s*true|\bexecSync\b|\bexecaCommand|\{[^}]*\bexec\b[^}]*\} from 'node:child_process'/.test(
      withoutComments(text),
    ),
  )
  assert.deepEqual(
    wrong.map(([file]) => file),
    [],
  )
})

function floorOf(file: string): number {
  const found = FLOORS.find(([pattern]) => pattern.test(file))
  assert.ok(found, `${file} stands on no floor: give it one in test/architecture.test.ts and ARCHITECTURE.md`)
  return found[1]
}

function specifiers(text: string): string[] {
  const found = text.matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\(\s*)'([^']+)'/g)
  return [...found].flatMap((match) => match[1] ?? [])
}

function localImports(file: string, text: string): string[] {
  return specifiers(text)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(root, join(root, dirname(file), specifier)))
    .filter((target) => target.startsWith('src/'))
}

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
