import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { checkPassword } from '../../src/config/check-password.ts'
import { countProblems, formatProblems, toUserError } from '../../src/config/format.ts'
import { loadConfig } from '../../src/config/load.ts'
import { lineOf, VALID } from './fixture.ts'

const directory = mkdtempSync(join(tmpdir(), 'haup-config-'))
after(() => rmSync(directory, { recursive: true }))

const file = join(directory, 'haup.yaml')
const passwordFile = join(directory, 'vrrp.pass')
const V2 = VALID.replace(/ {4}checksum:[\s\S]*?accept: both\n/, '').replace(
  'version: 3',
  'version: 2\n    password_file: vrrp.pass',
)

function writePassword(content: string | Uint8Array, mode = 0o600): void {
  rmSync(passwordFile, { force: true })
  writeFileSync(passwordFile, content)
  chmodSync(passwordFile, mode)
}

async function load(content: string | Uint8Array) {
  writeFileSync(file, content)
  return loadConfig(file)
}

async function problemLines(content: string | Uint8Array): Promise<string> {
  const loaded = await load(content)
  assert.ok(!loaded.ok)
  return formatProblems(loaded.error).join('\n')
}

test('a valid file', async () => {
  const loaded = await load(VALID)
  assert.ok(loaded.ok)
  assert.equal(loaded.value.file, file)
  assert.deepEqual(loaded.value.warnings, [])
  assert.equal(loaded.value.config.instances[0]?.name, 'www')
})

test('the password comes from the file beside, without its newline', async () => {
  for (const [content, password] of [
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    ['pässwo', 'pässwo'],
  ] as const) {
    writePassword(content)
    const loaded = await load(V2)
    assert.ok(loaded.ok, JSON.stringify(loaded))
    assert.equal(loaded.value.config.instances[0]?.password, password)
  }
})

test('a password must be private, root’s, and 1 to 8 bytes', async () => {
  const at = new RegExp(`haup.yaml:13:20: error: instances.www.password_file: .*${passwordFile}`)
  writePassword('secret', 0o640)
  assert.match(await problemLines(V2), at)
  assert.match(await problemLines(V2), /used by others[\s\S]*→ chmod 600/)
  writePassword('123456789')
  assert.match(await problemLines(V2), /is 9 bytes long/)
  writePassword('\n')
  assert.match(await problemLines(V2), /is empty/)
  writePassword(Uint8Array.of(0xff, 0xfe))
  assert.match(await problemLines(V2), /not UTF-8/)
  writePassword('a\0b')
  assert.match(await problemLines(V2), /control characters/)
  rmSync(passwordFile)
  assert.match(await problemLines(V2), /cannot be read: ENOENT/)
})

test('what is no file is refused at once: nobody waits for a writer, and nothing without an end is read', async (t) => {
  const fifo = join(directory, 'fifo')
  execFileSync('mkfifo', [fifo])
  t.after(() => rmSync(fifo))
  for (const [path, what] of [
    [fifo, 'a FIFO'],
    [directory, 'a directory'],
    ['/dev/zero', 'a device'],
  ] as const) {
    const loaded = await loadConfig(path)
    assert.ok(!loaded.ok)
    assert.equal(formatProblems(loaded.error)[0], `${path}: error: is ${what}, no file`)
    const lines = await problemLines(V2.replace('vrrp.pass', path))
    assert.match(
      lines,
      new RegExp(`haup.yaml:13:20: error: instances.www.password_file: ${path} is ${what}, no file\n.*→ make it`),
    )
    const key = await problemLines(`${VALID}\npeer:\n  key_file: ${path}\n`)
    assert.match(key, new RegExp(`error: peer.key_file: ${path} is ${what}, no file\n.*→ copy it`))
  }
})

test('a password of somebody else', () => {
  const content = new TextEncoder().encode('secret')
  const [finding, ...more] = checkPassword(['p'], {
    kind: 'read',
    path: '/x',
    content,
    isPrivate: true,
    ownedByRoot: false,
  })
  assert.deepEqual(more, [])
  assert.match(finding?.message ?? '', /not owned by root/)
  assert.equal(finding?.remedy, 'chown root /x')
})

test('no file, a directory, a huge file, no text', async () => {
  const missing = await loadConfig(join(directory, 'none.yaml'))
  assert.ok(!missing.ok)
  assert.match(formatProblems(missing.error).join(), /none.yaml: error: cannot be read: ENOENT.*haup init/)
  assert.ok(!(await loadConfig(directory)).ok)
  assert.match(await problemLines('#'.repeat(1_048_577)), /larger than 1048576 bytes/)
  assert.match(await problemLines(Uint8Array.of(0x63, 0xff)), /not UTF-8/)
})

test('problems as lines and as an error with next steps', async () => {
  const loaded = await load(VALID.replace('vrid: 77', 'vrid: 300').replace('rise: 2', 'rise: 0'))
  assert.ok(!loaded.ok)
  assert.deepEqual(formatProblems(loaded.error), [
    `${file}:11:11: error: instances.www.vrid: must be a whole number from 1 to 255, not 300`,
    `${file}:${lineOf(VALID, 'services', 'rise')}:11: error: services.web.rise: must be a whole number from 1 to 100, not 0`,
  ])
  assert.equal(countProblems(loaded.error), '2 errors')
  const error = toUserError(loaded.error)
  assert.equal(error.code, 'config.invalid')
  assert.equal(error.exitCode, 2)
  assert.match(error.message, /cannot be used: 2 errors\n.*vrid.*\n.*rise/)
  assert.match(error.nextSteps.join(), /haup config check/)
})
