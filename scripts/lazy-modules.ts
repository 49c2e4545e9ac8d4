import { readFile } from 'node:fs/promises'
import type { OnResolveArgs, Plugin } from 'esbuild'

/**
 * oclif requires all of its libraries when it starts; most commands use none of them. This makes each of those
 * requires wait for the first use: what `require()` returns is a stand-in that loads the library when it is called or
 * a property of it is read.
 */
export const lazyModules = (importers: RegExp, names: readonly string[]): Plugin => ({
  name: 'lazy-modules',
  setup(build) {
    const wanted = new Set(names)
    const isWanted = (args: OnResolveArgs): boolean =>
      args.kind === 'require-call' && wanted.has(args.path) && importers.test(args.importer)
    build.onResolve({ filter: /^[^.]/ }, (args) =>
      isWanted(args) ? { path: args.path, namespace: 'lazy', pluginData: args.resolveDir } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, (args) => ({
      contents: standIn(args.path),
      loader: 'js',
      resolveDir: String(args.pluginData),
    }))
  },
})

/** `__esModule` is what TypeScript's import helpers ask at once, before anybody uses the library. */
const standIn = (name: string): string => `
let real
const load = () => (real ??= require(${JSON.stringify(name)}))
module.exports = new Proxy(function () {}, {
  get: (_, key) => (key === '__esModule' ? false : load()[key]),
  apply: (_, self, args) => Reflect.apply(load(), self, args),
})
`

/** What an engine without HTTPS probes and without peer channel never uses, and what takes five megabytes when loaded. */
const LARGE_BUILTINS: readonly string[] = ['node:crypto', 'node:https', 'node:tls']

/**
 * Importing one name from a module of Node reads all of its names, and with that loads what Node itself would load
 * later or never (worker threads, a diff, child processes). Taken as an object it stays as lazy as Node made it; of the
 * large ones each name waits for its first use.
 */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, (args) =>
      args.kind === 'import-statement' ? { path: args.path, namespace: 'builtin' } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: LARGE_BUILTINS.includes(path) ? namesOf(path) : `module.exports = ${taken(path)}`,
      loader: 'js',
    }))
  },
}

const taken = (name: string): string => `process.getBuiltinModule(${JSON.stringify(name)})`

/** esbuild copies getters without calling them. */
function namesOf(name: string): string {
  const names = Object.keys(process.getBuiltinModule(name) ?? {})
  const getters = names.map((key) => `get ${key}() { return load().${key} }`)
  return `let real\nconst load = () => (real ??= ${taken(name)})\nmodule.exports = { ${getters.join(', ')} }`
}

/**
 * Lets every entry point reach `file`, so that all it needs ends up in the one chunk that every start reads anyway:
 * each further file costs more time than its code.
 */
export const inEveryEntry = (entries: RegExp, file: string): Plugin => ({
  name: 'in-every-entry',
  setup(build) {
    build.onLoad({ filter: entries }, async ({ path }) => ({
      contents: `${await readFile(path, 'utf8')}\nimport ${JSON.stringify(file)}\n`,
      loader: 'ts',
    }))
  },
})

/** Changes oclif's source; fails when what is to be changed is not there any more. */
export const patchOclif = (file: string, from: string, to: string): Plugin => ({
  name: 'patch-oclif',
  setup(build) {
    build.onLoad({ filter: new RegExp(`/@oclif/core/lib/${file}$`) }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      if (!text.includes(from)) throw new Error(`${path} does not contain ${from}`)
      return { contents: text.replaceAll(from, to), loader: 'js' }
    })
  },
})
