import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Where haup is installed. The same code runs from `src/` and from the bundle in `dist/`, at different depths, so the
 * root is looked for upward: the first directory whose package.json is named "haup".
 */

type Manifest = { readonly directory: string; readonly version: string }

/** Absolute path of the directory that holds haup's package.json. Throws when there is none: a broken installation. */
export const packageRoot = (): string => manifest().directory

/** The version in haup's package.json, as `0.1.0`. */
export const packageVersion = (): string => manifest().version

/** True when the running code is the bundle below `dist/`, false when it is the sources. */
export const runsFromBundle = (): boolean => import.meta.dirname.startsWith(join(packageRoot(), 'dist'))

let found: Manifest | undefined

const manifest = (): Manifest => {
  found ??= findManifest(import.meta.dirname)
  return found
}

/** Walks up from `start`; exported for its test. */
export function findManifest(start: string): Manifest {
  for (let directory = start; ; directory = dirname(directory)) {
    const manifest = readManifest(directory)
    if (manifest !== undefined) return manifest
    if (directory === dirname(directory)) throw new Error(`no package.json named "haup" in ${start} or above it`)
  }
}

function readManifest(directory: string): Manifest | undefined {
  const file = join(directory, 'package.json')
  if (!existsSync(file)) return undefined
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof content !== 'object' || content === null) return undefined
  if (!('name' in content) || content.name !== 'haup') return undefined
  return { directory, version: 'version' in content ? String(content.version) : '0.0.0' }
}
