// Run by the script beside it. Plain JavaScript that an old Node can read too, so that it can say what is missing.
import module from 'node:module'

// Importing names from node:fs would load its promises and streams too: more than everything else here.
const require = module.createRequire(import.meta.url)
const { existsSync, lstatSync, mkdirSync } = require('node:fs')
const { homedir } = require('node:os')
const { join } = require('node:path')

const NEEDED = 26

function fail(message, step) {
  process.stderr.write(`error: ${message}\n→ ${step}\n`)
  process.exit(2)
}

function cacheDirectory() {
  if (process.geteuid() === 0) return '/var/cache/haup'
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'haup')
}

/**
 * Keeps compiled code where nobody else can write: code planted there would run with our rights. Never below /tmp.
 * Where there is no such place, starting takes a little longer.
 */
function cacheCompiledCode() {
  const umask = process.umask(0o077)
  try {
    const directory = cacheDirectory()
    mkdirSync(directory, { recursive: true })
    const { uid, mode } = lstatSync(directory)
    if (uid === process.geteuid() && (mode & 0o022) === 0) module.enableCompileCache(directory)
  } catch {
    // No home, a read-only disk: no cache.
  } finally {
    process.umask(umask)
  }
}

/**
 * The engine runs for months and does little, so that
 *  - the part of the heap for new objects does not grow: what starting needs would stay with it, five to ten megabytes;
 *  - code is optimized after ten times as many calls as usual: what runs once a second is not worth it, a flood still is.
 */
function expectLittleWork() {
  const { setFlagsFromString } = require('node:v8')
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--invocation-count-for-maglev=4000')
}

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  const found = `this is ${process.version} (${process.execPath})`
  fail(`haup needs Node ${NEEDED} or newer; ${found}`, 'call bin/haup, which takes the Node that comes with haup')
}
if (!existsSync(join(import.meta.dirname, '../dist/main.js'))) fail('haup is not built yet', 'npm run build')
cacheCompiledCode()
if (process.argv[2] === 'up') expectLittleWork()
const { main } = await import('../dist/main.js')
await main()
