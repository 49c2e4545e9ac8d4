import { cp, glob, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Plugin } from '@oclif/core/config'
import { build } from 'esbuild'
import { description } from '../src/main.ts'
import { inEveryEntry, lazyBuiltins, lazyModules, patchOclif } from './lazy-modules.ts'

/**
 * Writes `dist/`: the commands, each with what only it needs, and what they share as chunks beside them; the templates;
 * and the manifest, from which oclif knows all commands and flags without loading them.
 */

const root = join(import.meta.dirname, '..')
/** Made aside and put into place as a whole: somebody may run haup meanwhile. */
const dist = join(root, 'build', `dist-${process.pid}`)
const former = `${dist}-former`
const place = join(root, 'dist')

/** Loaded from `node_modules`: they bring compiled code along. */
const NATIVE = ['raw-socket', 'netlink']

/** CommonJS libraries in an ES module: what they expect to find in scope. */
const SCOPE = [
  "import{createRequire as __createRequire}from'node:module'",
  'const require=__createRequire(import.meta.url),__filename=import.meta.filename,__dirname=import.meta.dirname',
]

/** Libraries of oclif that only help, errors, spinners or plugins need. */
const RARELY_USED = [
  ...['ansi-escapes', 'ansis', 'clean-stack', 'cli-spinners', 'ejs', 'get-package-type', 'indent-string'],
  ...['lilconfig', 'minimatch', 'semver', 'string-width', 'supports-color', 'tinyglobby', 'widest-line', 'wordwrap'],
  ...['wrap-ansi', 'node:child_process', 'node:fs/promises', 'node:perf_hooks', 'node:readline'],
]

try {
  await bundle(['src/main.ts', ...(await find('src/commands/**/*.ts'))])
  for (const program of await find('src/lab/*-process.ts')) await bundle([program])
  await copyTemplates(await find('src/templates/*.hbs'))
  await writeManifest()
  await putIntoPlace()
} finally {
  await rm(dist, { recursive: true, force: true })
}

async function find(pattern: string): Promise<string[]> {
  const files: string[] = []
  for await (const file of glob(pattern, { cwd: root })) files.push(file)
  return files.sort()
}

async function bundle(entryPoints: string[]): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints,
    outbase: 'src',
    outdir: dist,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node26',
    // Names stay as they are: bug reports quote stacks.
    minifyWhitespace: true,
    minifySyntax: true,
    external: NATIVE,
    legalComments: 'none',
    banner: { js: `${SCOPE.join(';')};` },
    plugins: [
      lazyModules(/\/@oclif\/core\/lib\//, RARELY_USED),
      lazyBuiltins,
      // Asks at each start whether this is Windows' Linux; to haup it is Linux either way.
      patchOclif('util/os.js', "await import('wsl-utils')", "{ isWsl: false, powerShellPath: () => '' }"),
      // Small files of our own: waiting for a thread to read them takes longer than reading them.
      patchOclif('util/fs.js', 'await (0, promises_1.readFile)(path', '(0, node_fs_1.readFileSync)(path'),
      // Colours of oclif's own output, from a file in the home directory.
      patchOclif('config/config.js', 'await this.loadTheme()', 'undefined'),
      // oclif's debug output.
      patchOclif('logger.js', 'require("debug")', '() => () => undefined'),
      // The command that monitoring runs every few seconds.
      inEveryEntry(/\/src\/(main|commands\/.*)\.ts$/, join(root, 'src/commands/status.ts')),
    ],
    logLevel: 'warning',
  })
}

async function copyTemplates(templates: string[]): Promise<void> {
  await mkdir(join(dist, 'templates'), { recursive: true })
  for (const file of templates) await cp(join(root, file), join(dist, file.slice('src/'.length)))
}

/** Loads every command once, so that a command that cannot be loaded fails here. */
async function writeManifest(): Promise<void> {
  const plugin = new Plugin({
    root: dist,
    pjson: description,
    isRoot: true,
    ignoreManifest: true,
    errorOnManifestCreate: true,
  })
  await plugin.load()
  await writeFile(join(dist, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest)}\n`)
}

async function putIntoPlace(): Promise<void> {
  await rename(place, former).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await rename(dist, place)
  await rm(former, { recursive: true, force: true })
}
