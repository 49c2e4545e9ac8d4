import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { formatProblems } from '../../src/config/format.ts'
import { checkKeyFile, generateKey, keyCommand, parseKeys } from '../../src/config/key-file.ts'
import { loadConfig } from '../../src/config/load.ts'
import { VALID } from './fixture.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const [first, second] = [generateKey(), generateKey()]

const directory = mkdtempSync(join(tmpdir(), 'haup-key-'))
after(() => rmSync(directory, { recursive: true }))

test('a new key is 64 hex digits, and another one each time', () => {
  assert.match(first, /^[0-9a-f]{64}$/)
  assert.notEqual(first, second)
})

test('keys in the order of the lines; comments, empty lines and case do not count', () => {
  const keys = parseKeys(bytes(`# cluster shop\n\n${first.toUpperCase()}\r\n  ${second}  \n# old one\n`))
  assert.ok(keys.ok)
  assert.deepEqual(
    keys.value.map((key) => Buffer.from(key).toString('hex')),
    [first, second],
  )
})

for (const [what, content, message] of [
  ['nothing', '', /holds no key/],
  ['comments alone', '# key\n', /holds no key/],
  ['a short key', `${first.slice(2)}\n`, /has 62 digits in line 1, not 64/],
  ['a long key', `# x\n${first}00\n`, /has 66 digits in line 2/],
  ['no hex digits', 'secret\n', /something else than hex digits in line 1/],
  ['no chance', `${'00'.repeat(32)}\n`, /not random/],
  ['one key twice', `${first}\n${first}\n`, /key of line 2 twice/],
  ['too many', Array.from({ length: 5 }, generateKey).join('\n'), /holds 5 keys: 4 at most/],
] as const) {
  test(`refused: ${what}`, () => {
    const keys = parseKeys(bytes(content))
    assert.ok(!keys.ok)
    assert.match(keys.error, message)
    assert.ok(!keys.error.includes(first.slice(0, 8)), 'a key is not quoted')
  })
}

test('refused: no text', () => assert.ok(!parseKeys(Uint8Array.of(0xff, 0xfe)).ok))

test('a key file of somebody else', () => {
  const file = { kind: 'read', path: '/x', content: bytes(first), isPrivate: true, ownedByRoot: false } as const
  assert.deepEqual(
    checkKeyFile(['peer', 'key_file'], file).map(({ remedy }) => remedy),
    ['chown root /x'],
  )
})

test('the configuration has the keys of the file beside it, and says what is wrong with it', async () => {
  const [file, key] = [join(directory, 'haup.yaml'), join(directory, 'cluster.key')]
  writeFileSync(file, `${VALID}peer:\n  port: 7200\n`)
  const missing = await loadConfig(file)
  assert.ok(!missing.ok)
  assert.match(formatProblems(missing.error).join('\n'), /cannot be read: ENOENT[\s\S]*→ copy it .*scp[\s\S]*umask 077/)
  execFileSync('sh', ['-c', keyCommand(key)])
  const loaded = await loadConfig(file)
  assert.ok(loaded.ok, JSON.stringify(loaded))
  assert.deepEqual(
    loaded.value.config.peer?.keys.map(({ length }) => length),
    [32],
  )
  chmodSync(key, 0o640)
  const open = await loadConfig(file)
  assert.ok(!open.ok)
  assert.match(formatProblems(open.error).join('\n'), /used by others[\s\S]*→ chmod 600/)
})

test('the password for the arbiter comes from its file', async () => {
  const file = join(directory, 'haup.yaml')
  const lease = '{etcd: ["http://192.0.2.61:2379"], user: haup, password_file: lease.pass}'
  writeFileSync(file, `${VALID}witness: [{name: arbiter, lease: ${lease}}]\n`)
  writeFileSync(join(directory, 'lease.pass'), 'a rather long password\n', { mode: 0o600 })
  const loaded = await loadConfig(file)
  assert.ok(loaded.ok, JSON.stringify(loaded))
  const [arbiter] = loaded.value.config.witnesses
  assert.equal(arbiter?.kind === 'arbiter' && arbiter.login?.password, 'a rather long password')
  writeFileSync(join(directory, 'lease.pass'), 'two\nlines\n')
  assert.ok(!(await loadConfig(file)).ok)
})
