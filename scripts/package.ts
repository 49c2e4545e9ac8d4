import { chmod, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buildDeb } from './package-deb.ts'
import { addDocuments } from './package-documents.ts'
import { addProgram } from './package-program.ts'
import { buildRpm } from './package-rpm.ts'
import { type Packaging, root, sourceDate } from './packaging.ts'

/**
 * `npm run package`: writes the .deb and the .rpm into `dist-packages` from what `npm run build` has made, and prints their
 * paths. The same sources and tools give the same bytes: SOURCE_DATE_EPOCH, or else the time of the last commit, is every
 * file's.
 */

process.umask(0o022)
const stage = join(root, 'build', `package-${process.pid}`)
const packaging: Packaging = { stage, epoch: await sourceDate() }

try {
  await mkdir(stage, { recursive: true })
  await chmod(stage, 0o755)
  await addProgram(packaging)
  await addDocuments(packaging)
  const rpm = await buildRpm(packaging)
  const deb = await buildDeb(packaging)
  process.stdout.write(`${deb}\n${rpm}\n`)
} finally {
  await rm(stage, { recursive: true, force: true })
}
