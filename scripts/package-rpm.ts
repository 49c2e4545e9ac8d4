import { cp, glob, lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { fill, maintainer, type Packaging, root, version } from './packaging.ts'

/** `haup-<version>-1.<architecture>.rpm` of the same files as the .deb, at the places that Red Hat, SUSE and their kin use. */

const architecture = process.arch === 'x64' ? 'x86_64' : process.arch === 'arm64' ? 'aarch64' : process.arch

export async function buildRpm({ stage, epoch }: Packaging): Promise<string> {
  const work = join(root, 'build', `rpm-${process.pid}`)
  const files = join(work, 'files')
  const output = join(root, 'dist-packages', `haup-${version}-1.${architecture}.rpm`)
  try {
    await cp(stage, files, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
    await relocate(files)
    const spec = join(work, 'haup.spec')
    await writeFile(
      spec,
      await fill('packaging/rpm/haup.spec.hbs', { version, maintainer, stage: files, files: await list(files) }),
    )
    const places = { _topdir: join(work, 'top'), _rpmdir: join(work, 'out'), _tmppath: join(work, 'tmp') }
    const defines = Object.entries(places).flatMap(([name, value]) => ['--define', `${name} ${value}`])
    await execa('rpmbuild', ['-bb', '--quiet', '--target', `${architecture}-linux`, ...defines, spec], {
      env: { SOURCE_DATE_EPOCH: String(epoch) },
    })
    await mkdir(dirname(output), { recursive: true })
    await rename(join(work, 'out', architecture, `haup-${version}-1.${architecture}.rpm`), output)
    return output
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Debian's own things go, others move. */
async function relocate(files: string): Promise<void> {
  const gone = ['DEBIAN', 'usr/share/lintian', 'usr/share/doc/haup/changelog.gz', 'usr/share/doc/haup/copyright']
  for (const each of gone) await rm(join(files, each), { recursive: true, force: true })
  const moves = {
    'lib/systemd': 'usr/lib/systemd',
    'usr/share/zsh/vendor-completions': 'usr/share/zsh/site-functions',
    'usr/share/doc/haup/licenses': 'usr/share/licenses/haup',
  }
  for (const [from, to] of Object.entries(moves)) {
    await mkdir(join(files, dirname(to)), { recursive: true })
    await rename(join(files, from), join(files, to))
  }
  await rm(join(files, 'lib'), { recursive: true })
  await cp(join(root, 'LICENSE'), join(files, 'usr/share/licenses/haup/LICENSE'))
}

/** Every file with its kind and owner; of directories those that are haup's own. */
async function list(files: string): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const name of glob('**/*', { cwd: files })) {
    const found = await lstat(join(files, name))
    const path = `/${name}`
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0')
    if (found.isDirectory()) {
      if (path.split('/').includes('haup')) lines.push(`%dir %attr(0755, root, root) "${path}"`)
    } else if (found.isSymbolicLink()) lines.push(`"${path}"`)
    else lines.push(`${kindOf(path)}%attr(${mode}, root, root) "${path}"`)
  }
  return lines.toSorted()
}

const kindOf = (path: string): string =>
  path.startsWith('/usr/share/licenses/')
    ? '%license '
    : path.startsWith('/usr/share/doc/') || path.startsWith('/usr/share/man/')
      ? '%doc '
      : ''
