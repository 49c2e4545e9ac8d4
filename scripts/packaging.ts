import { createHash } from 'node:crypto'
import { chmod, copyFile, glob, lstat, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import packageJson from '../package.json' with { type: 'json' }
import { render } from '../src/templates/render.ts'

/** What the parts of the packaging share: places, facts, and files with their modes. */

export const root = join(import.meta.dirname, '..')
export const version = packageJson.version
/** `NAME <ADDRESS>`; whoever builds packages for others puts a real one into package.json. */
export const maintainer = packageJson.author
/** Debian's name of the architecture that this machine builds for. */
export const architecture = process.arch === 'x64' ? 'amd64' : process.arch
export const nodeDirectory = join(root, 'node_modules/node/node_modules', `node-linux-${process.arch}`)

export type Packaging = {
  /** The directory that becomes `/`. */
  readonly stage: string
  /** Seconds since 1970 that everything in the package is dated with. */
  readonly epoch: number
}

/** reproducible-builds.org/specs/source-date-epoch */
export async function sourceDate(): Promise<number> {
  const given = process.env.SOURCE_DATE_EPOCH
  if (given !== undefined) return Number(given)
  const { stdout, failed } = await execa('git', ['log', '-1', '--format=%ct'], { cwd: root, reject: false })
  return failed ? Math.floor(Date.now() / 1_000) : Number(stdout)
}

export async function copyInto(from: string, to: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await copyFile(from, to)
  await chmod(to, mode)
}

export async function writeInto(to: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await writeFile(to, content)
  await chmod(to, mode)
}

/** Copies what matches `pattern` in `from`, with its directories. */
export async function copyTree(from: string, to: string, pattern = '**/*'): Promise<void> {
  for await (const name of glob(pattern, { cwd: from })) {
    if ((await stat(join(from, name))).isFile()) await copyInto(join(from, name), join(to, name))
  }
}

/** A template of the project with its variables filled in. */
export const fill = async (template: string, data: Readonly<Record<string, unknown>>): Promise<string> =>
  render(await readFile(join(root, template), 'utf8'), data)

/** Regular files below `directory`, sorted. */
export async function listFiles(directory: string): Promise<{ readonly path: string; readonly size: number }[]> {
  const files: { path: string; size: number }[] = []
  for await (const path of glob('**/*', { cwd: directory })) {
    const found = await lstat(join(directory, path))
    if (found.isFile() && !path.startsWith('DEBIAN/')) files.push({ path, size: found.size })
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

export const md5sum = async (file: string): Promise<string> =>
  createHash('md5')
    .update(await readFile(file))
    .digest('hex')
