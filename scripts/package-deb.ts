import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import {
  architecture,
  copyInto,
  fill,
  listFiles,
  maintainer,
  md5sum,
  type Packaging,
  root,
  version,
} from './packaging.ts'

/** `haup_<version>_<architecture>.deb`. */
export async function buildDeb({ stage, epoch }: Packaging): Promise<string> {
  const output = join(root, 'dist-packages', `haup_${version}_${architecture}.deb`)
  await addControl(stage)
  await mkdir(join(root, 'dist-packages'), { recursive: true })
  // One thread: how xz splits its work depends on the number of processors otherwise.
  const options = ['--root-owner-group', '-Zxz', '-z1', '--threads-max=1']
  await execa('dpkg-deb', [...options, '--build', stage, output], { env: { SOURCE_DATE_EPOCH: String(epoch) } })
  return output
}

async function addControl(stage: string): Promise<void> {
  const files = await listFiles(stage)
  const control = join(stage, 'DEBIAN')
  for (const script of ['postinst', 'prerm', 'postrm']) {
    await copyInto(join(root, 'packaging/debian', script), join(control, script), 0o755)
  }
  const sums: string[] = []
  for (const { path } of files) sums.push(`${await md5sum(join(stage, path))}  ${path}\n`)
  await writeFile(join(control, 'md5sums'), sums.join(''), { mode: 0o644 })
  const bytes = files.reduce((sum, { size }) => sum + Math.ceil(size / 1_024), 0)
  const text = await fill('packaging/debian/control.hbs', {
    version,
    architecture,
    maintainer,
    installedSize: bytes,
    depends: `${await libraryDependencies(stage, files)}, passwd`,
  })
  await writeFile(join(control, 'control'), text, { mode: 0o644 })
}

/** The shared libraries of all binaries, as packages with their lowest versions. */
async function libraryDependencies(stage: string, files: readonly { readonly path: string }[]): Promise<string> {
  const binaries = files.map(({ path }) => path).filter((path) => /\.node$|\/bin\/node$/.test(path))
  const asked = binaries.map((path) => `-e${join(stage, path)}`)
  // dpkg-shlibdeps wants to stand in a source package.
  const work = join(root, 'build', `shlibdeps-${process.pid}`)
  try {
    await mkdir(join(work, 'debian'), { recursive: true })
    await writeFile(join(work, 'debian/control'), `Source: haup\n\nPackage: haup\nArchitecture: ${architecture}\n`)
    const { stdout } = await execa('dpkg-shlibdeps', ['-O', '--ignore-missing-info', ...asked], { cwd: work })
    const depends = /^shlibs:Depends=(.+)$/m.exec(stdout)?.[1]
    if (depends === undefined) throw new Error(`dpkg-shlibdeps said: ${stdout}`)
    return depends
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
