#!/usr/bin/env node
// Plain JavaScript that an old Node can read too, so that it can say what is missing.
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

const NEEDED = 26

/**
 * Compiled code is kept where nobody else can write: code planted there would run with our rights. Never below /tmp.
 * A directory that cannot be written only costs time.
 */
function cacheDirectory() {
  if (process.geteuid() === 0) return '/var/cache/haup'
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'haup')
}

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  process.stderr.write(`error: haup needs Node ${NEEDED} or newer; this is ${process.version} (${process.execPath})\n`)
  process.stderr.write('→ call bin/haup, which takes the Node that comes with haup\n')
  process.exit(2)
}
module.enableCompileCache(cacheDirectory())
const { main } = await import('../dist/main.js')
await main()
