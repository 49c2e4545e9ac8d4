import assert from 'node:assert/strict'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { applyChanges, enableUnit } from '../../../src/cli/services/init-apply.ts'
import { compareFiles } from '../../../src/cli/services/init-changes.ts'
import { interpretManifest } from '../../../src/cli/services/init-manifest.ts'
import type { PlannedFile, SidePlan } from '../../../src/cli/services/init-side.ts'
import { undoInit } from '../../../src/cli/services/init-undo.ts'
import { setUpBox } from './init-box.ts'

const NO_SIDE: SidePlan = { files: [], server: undefined, sysctls: [], firewall: { files: [], steps: [], lines: [] } }

/** A directory with files of somebody else, and a record of the commands that were run. */
function setUp(t: TestContext, answers: (argv: readonly string[]) => string | undefined = () => '') {
  const { directory } = setUpBox(t)
  const place = join(directory, 'etc')
  mkdirSync(place)
  const ran: string[] = []
  const context = {
    manifest: join(directory, 'lib', 'manifest.json'),
    now: () => new Date('2026-01-02T03:04:05Z'),
    isLive: true,
    run: async (argv: readonly string[]) => {
      ran.push(argv.join(' '))
      const output = answers(argv)
      return { ok: output !== undefined, output: output ?? 'no' }
    },
  }
  const apply = async (files: readonly PlannedFile[], side: Partial<SidePlan> = {}) =>
    applyChanges(await compareFiles(files), { ...NO_SIDE, ...side }, context)
  const undo = (options = {}) => undoInit({ force: false, dryRun: false, ...options }, context, async () => true)
  const path = (name: string) => join(place, name)
  const plan = (name: string, content: string, role: PlannedFile['role'] = 'sysctl'): PlannedFile => ({
    path: path(name),
    content,
    mode: 0o644,
    role,
  })
  return { context, ran, apply, undo, path, plan, names: () => readdirSync(place).toSorted() }
}

test('undo restores what was changed, removes what is new, and leaves no trace', async (t) => {
  const { apply, undo, path, plan, names, context } = setUp(t)
  writeFileSync(path('old'), 'before\n', { mode: 0o640 })
  const link: PlannedFile = { ...plan('link', '../etc/new', 'sysctl'), isLink: true }
  const { backups } = await apply([plan('old', 'after\n'), plan('new', 'new\n'), link])
  assert.deepEqual(names(), ['link', 'new', 'old', 'old.bak-20260102T030405Z'])
  assert.equal(readFileSync(path('link'), 'utf8'), 'new\n')
  assert.deepEqual(backups, [path('old.bak-20260102T030405Z')])

  const shown = await undo({ dryRun: true })
  assert.deepEqual(shown.result.actions, [`restore ${path('old')}`, `remove ${path('new')}`, `remove ${path('link')}`])
  assert.equal(readFileSync(path('old'), 'utf8'), 'after\n')
  assert.equal((await undo()).result.outcome, 'undone')
  assert.deepEqual(names(), ['old'])
  assert.equal(readFileSync(path('old'), 'utf8'), 'before\n')
  assert.equal(statSync(path('old')).mode & 0o777, 0o640)
  assert.equal(existsSync(context.manifest), false)
  assert.deepEqual((await undo()).result, { outcome: 'nothing', actions: [], warnings: [] })
})

test('undo removes the directories that init made, and leaves those in which somebody else has put something', async (t) => {
  const { apply, undo, path, plan, names, context } = setUp(t)
  mkdirSync(path('there'))
  await apply([plan('one/two/new', 'new\n'), plan('one/two/newer', 'new\n'), plan('there/new', 'new\n')])
  await apply([plan('one/three/new', 'new\n')])
  writeFileSync(path('one/three/mine'), 'mine\n')
  await undo()
  assert.deepEqual(names(), ['one', 'there'])
  assert.deepEqual([readdirSync(path('one')), readdirSync(path('there'))], [['three'], []])
  assert.equal(existsSync(dirname(context.manifest)), false, 'the directory of the manifest too')
})

test('after two rounds undo goes back to before the first, without the copies made on the way', async (t) => {
  const { apply, undo, path, plan, names } = setUp(t)
  writeFileSync(path('old'), 'before\n')
  await apply([plan('old', 'one\n'), plan('new', 'one\n')])
  await apply([plan('old', 'two\n'), plan('new', 'two\n')])
  await undo()
  assert.equal(readFileSync(path('old'), 'utf8'), 'before\n')
  assert.deepEqual(names(), ['old'])
})

test('what a person had changed between two rounds stays as a copy', async (t) => {
  const { apply, undo, path, plan, names } = setUp(t)
  await apply([plan('new', 'one\n')])
  writeFileSync(path('new'), 'edited\n')
  const { backups } = await apply([plan('new', 'two\n')])
  await undo()
  assert.deepEqual(names().map(path), backups)
  assert.equal(readFileSync(backups[0] ?? '', 'utf8'), 'edited\n')
})

test('undo gives a file back to its owner, and puts links back where they led', async (t) => {
  const { apply, undo, path, plan, names } = setUp(t)
  writeFileSync(path('owned'), 'before\n', { mode: 0o600 })
  // Where root alone may give files away, the owner stays the same.
  const uid = process.geteuid?.() === 0 ? 4_242 : (process.geteuid?.() ?? 0)
  chownSync(path('owned'), uid, process.getegid?.() ?? 0)
  writeFileSync(path('target'), 'of the target\n')
  for (const name of ['to-file', 'to-nothing', 'link']) symlinkSync(name === 'to-file' ? 'target' : 'none', path(name))
  const before = names()
  const link: PlannedFile = { ...plan('link', 'target'), isLink: true }
  await apply([plan('owned', 'x'), plan('to-file', 'x'), plan('to-nothing', 'x'), link])
  assert.equal(readFileSync(path('target'), 'utf8'), 'of the target\n')
  await undo()
  assert.deepEqual(names(), before)
  assert.deepEqual([statSync(path('owned')).uid, statSync(path('owned')).mode & 0o777], [uid, 0o600])
  const led = ['to-file', 'to-nothing', 'link'].map((name) => readlinkSync(path(name)))
  assert.deepEqual(led, ['target', 'none', 'none'])
})

test('a file that was changed since is refused, whole; --force keeps a copy', async (t) => {
  const { apply, undo, path, plan, names } = setUp(t)
  await apply([plan('a', 'a\n'), plan('b', 'b\n')])
  writeFileSync(path('b'), 'edited\n')
  await assert.rejects(undo(), { code: 'init.undo-edited', exitCode: 3 })
  assert.deepEqual(names(), ['a', 'b'])
  await undo({ force: true })
  assert.deepEqual(names(), ['b.bak-20260102T030405Z'])
  assert.equal(readFileSync(path('b.bak-20260102T030405Z'), 'utf8'), 'edited\n')
})

test('what a person has taken back already is left alone', async (t) => {
  const { apply, undo, path, plan, names } = setUp(t)
  writeFileSync(path('old'), 'before\n')
  await apply([plan('old', 'after\n'), plan('new', 'new\n')])
  writeFileSync(path('old'), 'before\n')
  assert.deepEqual((await undo()).result.actions, [`remove ${path('new')}`])
  assert.deepEqual(names(), ['old'])
})

test('a sysctl: set, recorded with its former value, set back unless somebody chose otherwise', async (t) => {
  const { apply, undo, path } = setUp(t)
  writeFileSync(path('sysctl'), '0\n')
  const sysctls = [{ path: path('sysctl'), value: '1' }]
  const { done } = await apply([], { sysctls })
  assert.match(done[0] ?? '', /to 1 \(it was 0\)$/)
  assert.deepEqual((await apply([], { sysctls })).done, [])
  await undo()
  assert.equal(readFileSync(path('sysctl'), 'utf8'), '0')
  await apply([], { sysctls })
  writeFileSync(path('sysctl'), '2\n')
  await undo()
  assert.equal(readFileSync(path('sysctl'), 'utf8'), '2\n')
})

const SERVER = { test: ['nginx', '-t'], reload: ['nginx', '-s', 'reload'] }

test('a web server that refuses a file: it is taken away, nothing else was written', async (t) => {
  let tests = 0
  const { apply, plan, path, names, ran, context } = setUp(t, (argv) => {
    if (argv[1] === '-t') tests += 1
    return tests === 2 ? undefined : ''
  })
  writeFileSync(path('health.conf'), 'mine\n', { mode: 0o640 })
  const files = [plan('health.conf', 'broken', 'server'), plan('conf.d/x', 'x', 'server'), plan('60', 'x')]
  await assert.rejects(apply(files, { server: SERVER }), { code: 'init.server-test', message: /taken away again: no$/ })
  assert.deepEqual(names(), ['health.conf'])
  assert.equal(readFileSync(path('health.conf'), 'utf8'), 'mine\n')
  assert.equal(statSync(path('health.conf')).mode & 0o777, 0o640)
  assert.deepEqual(ran, ['nginx -t', 'nginx -t'])
  assert.equal(existsSync(dirname(context.manifest)), false)
})

test('a web server that is broken already is not touched', async (t) => {
  const { apply, plan, names, ran } = setUp(t, () => undefined)
  await assert.rejects(
    apply([plan('health.conf', 'x', 'server')], { server: SERVER }),
    /refuses its configuration as it is/,
  )
  assert.deepEqual([names(), ran], [[], ['nginx -t']])
})

test('a good file is tested before the reload; so is its removal', async (t) => {
  const { apply, undo, plan, ran } = setUp(t)
  await apply([plan('health.conf', 'x', 'server')], { server: SERVER })
  assert.deepEqual(ran.splice(0), ['nginx -t', 'nginx -t', 'nginx -s reload'])
  await undo()
  assert.deepEqual(ran, ['nginx -t', 'nginx -s reload'])
})

test('rules, units and services are undone in the order that each needs', async (t) => {
  const { apply, undo, plan, ran, context } = setUp(t, (argv) => (argv[0] === 'nft' ? 'insert rule # handle 16\n' : ''))
  const insert = { argv: ['nft', 'insert'], undo: () => ['nft', 'delete', '16'], place: 'undo_before' } as const
  await apply([plan('haup.service', 'x', 'unit')], { firewall: { files: [], steps: [insert], lines: [] } })
  await enableUnit(context)
  assert.deepEqual(ran.splice(0), ['systemctl daemon-reload', 'nft insert', 'systemctl enable --now haup.service'])
  await undo()
  assert.deepEqual(ran, ['systemctl disable --now haup.service', 'nft delete 16', 'systemctl daemon-reload'])
})

test('a manifest that is none is refused, not guessed at', () => {
  assert.equal(interpretManifest(''), undefined)
  assert.equal(interpretManifest('{"version": 2}'), undefined)
  const good = {
    ...{ version: 1, files: [], directories: ['/etc/haup'], sysctls: [] },
    ...{ undo_before: [], undo_after: [], server: null },
  }
  assert.deepEqual(interpretManifest(JSON.stringify(good)), good)
  assert.equal(interpretManifest(JSON.stringify({ ...good, directories: [1] })), undefined)
  assert.equal(interpretManifest(JSON.stringify({ ...good, files: [{ path: 1 }] })), undefined)
  assert.equal(interpretManifest(JSON.stringify({ ...good, undo_before: ['rm'] })), undefined)
})
