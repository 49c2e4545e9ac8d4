import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCommands, checkTrail, type PathFact, type ProgramFact } from '../../src/config/check-access.ts'
import { commandsOf } from '../../src/config/commands.ts'
import { formatPath } from '../../src/config/finding.ts'
import { interpretConfig } from '../../src/config/interpret.ts'
import { VALID } from './fixture.ts'

const directory = (path: string, more: Partial<PathFact> = {}): PathFact => ({
  path,
  isDirectory: true,
  mode: 0o755,
  uid: 0,
  gid: 0,
  ...more,
})
const file = (path: string, more: Partial<PathFact> = {}): PathFact => ({
  ...directory(path, more),
  isDirectory: false,
})

const CASES: readonly (readonly [what: string, trail: readonly PathFact[], finding: string | undefined])[] = [
  ['all of root’s', [directory('/'), directory('/etc'), file('/etc/x')], undefined],
  ['of whoever runs it', [directory('/'), file('/x', { uid: 1_000 })], undefined],
  ['below /tmp', [directory('/tmp', { mode: 0o1777 }), file('/tmp/x')], undefined],
  ['root’s group', [file('/x', { mode: 0o775 })], undefined],
  [
    'anybody’s file',
    [directory('/'), file('/x', { mode: 0o666 })],
    'error: /x can be written by anybody: chmod o-w /x',
  ],
  [
    'a sticky file is no directory',
    [file('/x', { mode: 0o1777 })],
    'error: /x can be written by anybody: chmod o-w /x',
  ],
  [
    'anybody’s directory',
    [directory('/a', { mode: 0o777 }), file('/a/x')],
    'error: /a/x: its directory /a can be written by anybody: chmod o-w /a',
  ],
  [
    'somebody’s file in /tmp',
    [directory('/tmp', { mode: 0o1777 }), file('/tmp/x', { uid: 65_534 })],
    'error: /tmp/x belongs to the user 65534, not to root: chown root /tmp/x',
  ],
  [
    'a group’s file',
    [file('/x', { mode: 0o664, gid: 50 })],
    'warning: /x can be written by the group 50: chmod g-w /x',
  ],
]

for (const [what, trail, expected] of CASES) {
  test(`who may write it: ${what}`, () => {
    const [found, ...more] = checkTrail(['p'], trail, 'root runs it', [0, 1_000])
    assert.deepEqual(more, [])
    const told = found && `${found.severity}: ${found.message.replace(', and root runs it', '')}: ${found.remedy}`
    assert.equal(told, expected)
  })
}

test('each command of the file is found with its place and its user', () => {
  const draft = interpretConfig(VALID, 'haup.yaml')
  assert.ok(draft.ok)
  const commands = commandsOf(draft.value.document)
  const told = commands.map(({ path, argv, user }) => `${formatPath(path)} ${argv[0]} ${user ?? '-'}`)
  assert.ok(told.includes('services.web.config_test nginx -'), told.join('\n'))
  assert.ok(told.includes('instances.www.notify.any /usr/local/bin/notify nobody'), told.join('\n'))
  assert.ok(told.some((each) => /^services\.web\.probes\[\d\]\.command\.argv \/usr\/local\/bin\/check/.test(each)))
})

const good: ProgramFact = { executable: true, trail: [file('/usr/bin/sh')] }
const open: ProgramFact = { executable: true, trail: [file('/opt/x', { mode: 0o777 })] }

function check(argv: readonly string[], program: ProgramFact, user?: string): string | undefined {
  const scripts = new Map([['/opt/script', [file('/opt/script', { uid: 7 })]]])
  const found = { programs: new Map([[argv[0] ?? '', program]]), scripts, trusted: [0] }
  const [finding, ...more] = checkCommands([{ path: ['p'], argv, user }], found)
  assert.deepEqual(more, [])
  return finding?.message
}

test('a command: is it there, can it be executed, and whose is it', () => {
  assert.equal(check(['nginx', '-t'], good), undefined)
  assert.equal(check(['nginxx', '-t'], undefined), 'there is no program nginxx on this box')
  assert.equal(check(['/x'], { executable: false, trail: [file('/x')] }), '/x cannot be executed')
  assert.match(check(['/opt/x'], open) ?? '', /^\/opt\/x can be written by anybody/)
  assert.match(check(['/opt/x'], open, 'root') ?? '', /^\/opt\/x can be written by anybody/)
  assert.equal(check(['/opt/x'], open, 'nobody'), undefined, 'it has no rights to lose')
  assert.match(check(['sh', '/opt/script'], good) ?? '', /^\/opt\/script belongs to the user 7/)
  assert.match(check(['/usr/bin/python3.11', '-u', '/opt/script'], good) ?? '', /^\/opt\/script belongs/)
  assert.equal(check(['cat', '/opt/script'], good), undefined, 'it is not run')
})
