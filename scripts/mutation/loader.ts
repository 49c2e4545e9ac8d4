import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { types } from 'node:util'
import { compileFunction } from 'node:vm'
import type { RegisterTests } from './registered-tests.ts'
import { PARAMETERS, type Script, scriptOf } from './script.ts'
import { applied, type Change, readSource } from './source.ts'

export const root = join(import.meta.dirname, '../..')

export type ChangedFile = Change & { readonly file: string }

type Load = ((specifier: string) => unknown) & { readonly default: (module: unknown) => unknown }
type Run = (load: Load, exports: object) => void

const outside = createRequire(import.meta.url)
const scripts = new Map<string, Script>()
const runs = new Map<string, Run>()

/** Where the code of a file begins in what V8 is given: coverage counts from there. */
export const headOf = (file: string): number => scripts.get(file)?.head.length ?? 0

/**
 * A fresh set of the project's modules, one of them perhaps changed. Everything is compiled once, and run again for each
 * set. `test` and `describe` of `node:test` are the given ones.
 */
export function createModules(tests: RegisterTests, changed: ChangedFile | undefined): (file: string) => unknown {
  const modules = new Map<string, object>()
  const open = (file: string): unknown => {
    const known = modules.get(file)
    if (known !== undefined) return known
    const exports = {}
    modules.set(file, exports)
    const load = (specifier: string): unknown => {
      if (specifier === 'node:test') return tests
      return specifier.startsWith('.') ? open(relative(root, join(root, dirname(file), specifier))) : outside(specifier)
    }
    const run = file === changed?.file ? compile(file, changed) : runOf(file)
    run(Object.assign(load, { default: defaultOf }), exports)
    return exports
  }
  return open
}

function runOf(file: string): Run {
  const known = runs.get(file)
  if (known !== undefined) return known
  const run = compile(file, undefined)
  runs.set(file, run)
  return run
}

function compile(file: string, change: Change | undefined): Run {
  const script = scripts.get(file) ?? scriptOf(readSource(join(root, file)))
  scripts.set(file, script)
  const code = change === undefined ? script.code : applied(script.code, change)
  const compiled = compileFunction(script.head + code + script.foot, PARAMETERS, { filename: file })
  const filename = join(root, file)
  const meta = { filename, dirname: dirname(filename), url: pathToFileURL(filename).href }
  return (load, exports) => void compiled(load, exports, meta)
}

/** A library in CommonJS is its own default export, unless it says otherwise. */
function defaultOf(module: unknown): unknown {
  if (typeof module !== 'object' || module === null) return module
  return (types.isModuleNamespaceObject(module) || '__esModule' in module) && 'default' in module
    ? module.default
    : module
}
