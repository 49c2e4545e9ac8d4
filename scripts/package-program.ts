import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { renderHaupService } from '../src/templates/haup-service.ts'
import { copyInto, copyTree, nodeDirectory, type Packaging, root, version, writeInto } from './packaging.ts'

/** What runs: /usr/lib/haup with the bundle, its Node and native parts; /usr/bin/haup; the unit; completions. */

export async function addProgram({ stage }: Packaging): Promise<void> {
  const lib = join(stage, 'usr/lib/haup')
  await copyInto(join(root, 'bin/haup'), join(lib, 'bin/haup'), 0o755)
  await copyInto(join(root, 'bin/haup.js'), join(lib, 'bin/haup.js'))
  await copyTree(join(root, 'dist'), join(lib, 'dist'))
  const manifest = { name: 'haup', version, private: true, type: 'module', license: 'MIT' }
  await writeInto(join(lib, 'package.json'), `${JSON.stringify(manifest)}\n`)
  await addNode(lib)
  await addNativeParts(lib)
  await mkdir(join(stage, 'usr/bin'), { recursive: true })
  await symlink('../lib/haup/bin/haup', join(stage, 'usr/bin/haup'))
  const unit = renderHaupService(await readFile(join(root, 'src/templates/haup.service.hbs'), 'utf8'), '/usr/bin/haup')
  await writeInto(join(stage, 'lib/systemd/system/haup.service'), unit)
  await addCompletions(stage)
}

/** Without its symbols for debuggers: a fifth smaller. */
async function addNode(lib: string): Promise<void> {
  const binary = join(lib, 'node/bin/node')
  await copyInto(join(nodeDirectory, 'bin/node'), binary, 0o755)
  await execa('strip', ['--strip-unneeded', binary])
}

async function addNativeParts(lib: string): Promise<void> {
  const modules = join(root, 'node_modules')
  const addons = [
    ['src/native/build/Release/haup_native.node', 'build/Release/haup_native.node'],
    ['node_modules/raw-socket/build/Release/raw.node', 'node_modules/raw-socket/build/Release/raw.node'],
    [
      `node_modules/netlink/prebuilds/linux-${process.arch}/node.napi.node`,
      `node_modules/netlink/prebuilds/linux-${process.arch}/node.napi.node`,
    ],
  ] as const
  for (const [from, to] of addons) {
    await copyInto(join(root, from), join(lib, to))
    await execa('strip', ['--strip-unneeded', join(lib, to)])
  }
  for (const [name, scripts] of [
    ['raw-socket', '*.js'],
    ['netlink', 'dist/**/*.js'],
    ['node-gyp-build', '{index,node-gyp-build}.js'],
  ] as const) {
    await copyInto(join(modules, name, 'package.json'), join(lib, 'node_modules', name, 'package.json'))
    await copyTree(join(modules, name), join(lib, 'node_modules', name), scripts)
  }
}

/** Asked from the program itself, so that they know exactly its commands. */
async function addCompletions(stage: string): Promise<void> {
  const places = { bash: 'usr/share/bash-completion/completions/haup', zsh: 'usr/share/zsh/vendor-completions/_haup' }
  for (const [shell, place] of Object.entries(places)) {
    const { stdout } = await execa(join(root, 'bin/haup'), ['completion', shell])
    await writeInto(join(stage, place), `${stdout}\n`)
  }
}
