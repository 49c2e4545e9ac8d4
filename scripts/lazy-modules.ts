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

/**
 * Importing one name from a module of Node reads all of its names, and with that loads what Node itself would load
 * later or never (worker threads, a diff, child processes). Taken as an object it stays as lazy as Node made it.
 */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, (args) =>
      args.kind === 'import-statement' ? { path: args.path, namespace: 'builtin' } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, (args) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(args.path)})`,
      loader: 'js',
    }))
  },
}

/** Puts `contents` in a library's place. */
export const replaceModule = (name: string, contents: string): Plugin => ({
  name: `replace-${name}`,
  setup(build) {
    build.onResolve({ filter: /^[^.]/ }, ({ path }) =>
      path === name ? { path, namespace: `replace-${name}` } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: `replace-${name}` }, () => ({ contents, loader: 'js' }))
  },
})
