import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { openNetlink } from '../../src/engine/io/netlink.ts'
import { addonCandidates, errnoCode, loadAddon, native } from '../../src/native/index.ts'
import { EXIT, UserError } from '../../src/shared/errors.ts'

const invalid = { name: 'TypeError', code: 'ERR_INVALID_ARG' }

test('an interface is described by its name, and named by its index', () => {
  const loopback = native().interfaceByName('lo')
  assert.equal(native().nameOfInterface(loopback.index), 'lo')
  assert.equal(loopback.hardwareType, 772, 'ARPHRD_LOOPBACK')
  assert.deepEqual(loopback.hardwareAddress, new Uint8Array(6))
  assert.notEqual(loopback.flags & 0x8, 0, 'IFF_LOOPBACK')
})

test('a failing system call throws an Error with the errno name and the call', () => {
  assert.throws(() => native().interfaceByName('haup-none'), { code: 'ENODEV', syscall: 'SIOCGIFINDEX' })
  assert.throws(() => native().nameOfInterface(2 ** 31 - 1), { code: 'ENODEV', syscall: 'SIOCGIFNAME' })
  assert.throws(() => native().closeDescriptor(1_000_000), { code: 'EBADF', syscall: 'close' })
  assert.throws(() => native().sendFrame(1_000_000, 1, new Uint8Array(42)), { code: 'EBADF', syscall: 'sendto' })
})

test('interface names are text of 1 to 15 bytes without NUL', () => {
  for (const name of ['', 'sixteen-bytes-xx', 'a\0b', 'ä'.repeat(8), 3, null, undefined, {}]) {
    assert.throws(() => Reflect.apply(native().interfaceByName, undefined, [name]), invalid, String(name))
  }
})

test('numbers are whole and in range', () => {
  for (const index of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '1', null]) {
    assert.throws(() => Reflect.apply(native().nameOfInterface, undefined, [index]), invalid, String(index))
  }
  assert.throws(() => native().closeDescriptor(2), invalid, 'standard streams are not closed')
  assert.throws(() => native().sealRawSockets(256), invalid)
})

test('a frame is a Uint8Array that holds a link-layer header at least', () => {
  for (const frame of [new Uint8Array(13), new Uint8Array(65_536), new Uint16Array(42), 'x'.repeat(42), [1, 2]]) {
    assert.throws(() => Reflect.apply(native().sendFrame, undefined, [3, 1, frame]), invalid)
  }
})

test('ARP is heard for whole addresses, at least one, and ended twice without harm', () => {
  for (const addresses of [new Uint8Array(), new Uint8Array(3), new Uint8Array(6), new Uint8Array(4_100), 'x']) {
    assert.throws(() => Reflect.apply(native().watchArp, undefined, [addresses, () => undefined]), invalid)
  }
  assert.throws(() => Reflect.apply(native().watchArp, undefined, [new Uint8Array(4), 'onFrame']), invalid)
  const end = native().watchArp(new Uint8Array(4_096), () => undefined)
  end()
  end()
})

test('missing and surplus arguments are refused', () => {
  assert.throws(() => Reflect.apply(native().interfaceByName, undefined, []), invalid)
  assert.throws(() => Reflect.apply(native().openPacketSocket, undefined, [1]), invalid)
})

test('descriptors can be opened and closed, once', () => {
  const descriptor = native().openPacketSocket()
  native().closeDescriptor(descriptor)
  assert.throws(() => native().closeDescriptor(descriptor), { code: 'EBADF' })
})

test('without a built addon the error says how to build it', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'haup-native-'))
  t.after(() => rmSync(root, { recursive: true }))
  assert.throws(() => loadAddon(root), isUnusable(/is missing/))
  const [inSources, installed] = addonCandidates(root)
  assert.equal(inSources, join(root, 'src/native/build/Release/haup_native.node'))
  assert.equal(installed, join(root, 'build/Release/haup_native.node'))
  mkdirSync(dirname(String(installed)), { recursive: true })
  writeFileSync(String(installed), 'no shared object')
  assert.throws(() => loadAddon(root), isUnusable(/cannot be loaded/))
})

test('only errors with a code have an errno name', () => {
  assert.equal(errnoCode(Object.assign(new Error('x'), { code: 'ENODEV' })), 'ENODEV')
  assert.equal(errnoCode(new Error('x')), undefined)
  assert.equal(errnoCode({ code: 'ENODEV' }), undefined)
})

const isUnusable = (message: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof UserError)
  assert.match(thrown.message, message)
  assert.equal(thrown.code, 'native.unusable')
  assert.equal(thrown.exitCode, EXIT.environment)
  assert.match(thrown.nextSteps.join(), /npm run setup/)
  return true
}

test('a netlink socket is found by its port, and tells its drops', () => {
  const opened = openNetlink({ protocol: 0 })
  assert.ok(opened.ok)
  const descriptor = native().surviveOverflow(0, opened.value.port)
  assert.equal(native().netlinkDrops(descriptor), 0)
  assert.throws(() => native().surviveOverflow(16, opened.value.port), { code: 'ENOENT' }, 'of another protocol')
  opened.value.close()
  assert.throws(() => native().netlinkDrops(1_000_000), { code: 'EBADF', syscall: 'getsockopt' })
  for (const port of [0, -1, 2 ** 32, 1.5]) assert.throws(() => native().surviveOverflow(0, port), invalid)
})

test('packet sockets get the descriptors that were set aside, and give them back', () => {
  const { reserveDescriptors, openPacketSocket, closeDescriptor, watchArp, openUnixDatagramSocket } = native()
  const reserved = reserveDescriptors()
  assert.equal(new Set(reserved).size, 8)
  assert.deepEqual(reserveDescriptors(), reserved, 'once is enough')
  const other = openUnixDatagramSocket()
  const sockets = reserved.map(() => openPacketSocket())
  assert.deepEqual(sockets, reserved)
  assert.ok(sockets.every((each) => each < other))
  const beyond = openPacketSocket()
  assert.ok(!reserved.includes(beyond), 'when all are taken, any will do')
  for (const each of [...sockets, beyond, other]) closeDescriptor(each)
  assert.throws(() => closeDescriptor(sockets[0] ?? -1), { code: 'EBADF', syscall: 'close' }, 'closed once')
  assert.deepEqual(openPacketSocket(), reserved[0])
  for (const each of reserved)
    assert.equal(readlinkSync(`/proc/self/fd/${each}`).startsWith('socket:'), each === reserved[0])
  const [first = -1, second = -1] = reserved
  const end = watchArp(new Uint8Array(4), () => undefined)
  assert.match(readlinkSync(`/proc/self/fd/${second}`), /^socket:/)
  end()
  closeDescriptor(first)
})

test('what was inherited beside the standard streams goes on to no command', () => {
  const script = `
    const { native } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/native/index.ts'))})
    native().reserveDescriptors()
    const { execFileSync } = await import('node:child_process')
    process.stdout.write(execFileSync('ls', ['/proc/self/fd'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))`
  const node = `${process.execPath} --disable-warning=ExperimentalWarning --input-type=module -e "$0" 7</dev/null 8>/dev/null`
  const listed = execFileSync('sh', ['-c', node, script], { encoding: 'utf8', cwd: join(import.meta.dirname, '../..') })
  // The fourth is that of the directory itself.
  assert.deepEqual(listed.trim().split('\n'), ['0', '1', '2', '3'])
})
