import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import {
  copyInto,
  copyTree,
  fill,
  maintainer,
  nodeDirectory,
  type Packaging,
  root,
  version,
  writeInto,
} from './packaging.ts'

/** What is read: /usr/share/doc/haup and the manual page; and by lintian, what it shall not complain of. */

export async function addDocuments({ stage, epoch }: Packaging): Promise<void> {
  const doc = join(stage, 'usr/share/doc/haup')
  await copyTree(join(root, 'docs'), doc, '*.{md,yaml}')
  for (const name of ['README.md', 'ARCHITECTURE.md']) await copyInto(join(root, name), join(doc, name))
  await copyInto(join(root, 'packaging/debian/copyright'), join(doc, 'copyright'))
  await copyInto(join(root, 'packaging/debian/lintian-overrides'), join(stage, 'usr/share/lintian/overrides/haup'))
  await addLicenses(join(doc, 'licenses'))
  const date = new Date(epoch * 1_000)
  const changes = `haup (${version}) stable; urgency=medium\n\n  * See README.md.\n\n -- ${maintainer}  ${rfc5322(date)}\n`
  await writeInto(join(doc, 'changelog.gz'), compress(changes))
  const manual = await fill('packaging/haup.8.hbs', {
    version,
    date: date.toISOString().slice(0, 10),
    commands: await describeCommands(),
  })
  await writeInto(join(stage, 'usr/share/man/man8/haup.8.gz'), compress(manual))
}

/** Of Node and of every library that the bundle may contain. */
async function addLicenses(directory: string): Promise<void> {
  await writeInto(join(directory, 'node.gz'), compress(await readFile(join(nodeDirectory, 'LICENSE'), 'utf8')))
  const lock: { packages: Record<string, { dev?: boolean; license?: string }> } = JSON.parse(
    await readFile(join(root, 'package-lock.json'), 'utf8'),
  )
  for (const [path, { dev, license }] of Object.entries(lock.packages)) {
    if (path === '' || dev === true) continue
    const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE', 'License']
      .map((name) => join(root, path, name))
      .find((candidate) => existsSync(candidate))
    const name = path.replace(/^.*node_modules\//, '').replace('/', '-')
    if (file !== undefined) await copyInto(file, join(directory, name))
    else if (existsSync(join(root, path))) await writeInto(join(directory, name), `${license ?? 'see its package'}\n`)
  }
}

type Described = {
  readonly id: string
  readonly summary?: string
  readonly description?: string
  readonly flags: Readonly<Record<string, DescribedFlag>>
}
type DescribedFlag = {
  readonly name: string
  readonly char?: string
  readonly description?: string
  readonly helpValue?: string
}

/** From oclif's manifest, for the manual page. */
async function describeCommands() {
  const manifest: { commands: Record<string, Described> } = JSON.parse(
    await readFile(join(root, 'dist/oclif.manifest.json'), 'utf8'),
  )
  return Object.values(manifest.commands)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((command) => ({
      name: command.id.replaceAll(':', ' '),
      summary: roff(command.summary ?? ''),
      description: roff(command.description ?? '').split('\n'),
      flags: Object.values(command.flags).map((flag) => ({
        names: roff(flagNames(flag)),
        description: roff(flag.description ?? ''),
      })),
    }))
}

const flagNames = ({ name, char, helpValue }: DescribedFlag): string =>
  `${char === undefined ? '' : `-${char}, `}--${name}${helpValue === undefined ? '' : ` ${helpValue}`}`

/** Backslashes, hyphens and leading dots mean something to troff. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(['.])/gm, '\\&$1')

/** Without a time stamp. */
const compress = (text: string): Uint8Array => gzipSync(text, { level: 9 })

/** `Sat, 21 Nov 2026 00:00:00 +0000` */
const rfc5322 = (date: Date): string => date.toUTCString().replace('GMT', '+0000')
