import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createLogStream } from '../../../src/cli/services/log-stream.ts'

/** A sink that takes so many bytes, and what it took. */
function narrow(room: number) {
  let left = room
  let taken = ''
  const sink = (bytes: Uint8Array): number => {
    const some = bytes.subarray(0, left)
    left -= some.length
    taken += Buffer.from(some).toString()
    return some.length
  }
  const widen = (by: number): void => {
    left += by
  }
  return { sink, widen, taken: () => taken }
}
const lost = (count: number): string => `${count} lost\n`

test('what is not taken comes later, in order, and no line is torn', async () => {
  const { sink, widen, taken } = narrow(8)
  const stream = createLogStream(sink, lost)
  for (const line of ['one\n', 'two\n', 'three\n', 'four\n']) stream.write(line)
  assert.equal(taken(), 'one\ntwo\n')
  widen(3)
  await stream.flush(0)
  assert.equal(taken(), 'one\ntwo\nthr')
  widen(1_000)
  await stream.flush(1_000)
  assert.equal(taken(), 'one\ntwo\nthree\nfour\n')
})

test('beyond the limits the oldest lines go, are counted, and it is said in their place', async () => {
  for (const [line, kept] of [
    ['x\n', 1_000],
    [`${'y'.repeat(65_535)}\n`, 16],
  ] as const) {
    const { sink, widen, taken } = narrow(1)
    const stream = createLogStream(sink, lost)
    stream.write('begun\n')
    for (let written = 0; written < 1_200; written += 1) stream.write(line)
    widen(1 << 21)
    await stream.flush(1_000)
    const lines = taken().split('\n')
    const gone = 1_200 - (lines.length - 3)
    assert.deepEqual(lines.slice(0, 2), ['begun', `${gone} lost`])
    assert.ok(kept - (lines.length - 3) <= 1 && lines.length - 3 <= kept, `${lines.length} lines`)
  }
})

test('the end waits for its reader no longer than it is told', async () => {
  const stream = createLogStream(() => 0, lost)
  stream.write('nobody reads this\n')
  const begun = performance.now()
  await stream.flush(50)
  assert.ok(performance.now() - begun < 1_000)
})

const logger = join(import.meta.dirname, '../../../src/cli/services/logger.ts')

/** Logs at SIGUSR1, notes in a file when logging has returned, and ends at SIGUSR2. */
const program = (notes: string, lines: number, endAfterMs: number): string => `
  import { writeFileSync } from 'node:fs'
  import { createLogger } from ${JSON.stringify(logger)}
  const log = createLogger('text', { debug: false })
  const say = (message) => log({ level: 'info', subject: 'www', code: 'x.y', message })
  say('ready')
  process.on('SIGUSR2', async () => {
    await log.flush(${endAfterMs})
    process.exit(0)
  })
  process.on('SIGUSR1', () => {
    for (let i = 1; i <= ${lines}; i += 1) say('line ' + i + ' ' + 'x'.repeat(100))
    writeFileSync(${JSON.stringify(notes)}, 'returned')
  })
  process.stdin.on('error', () => undefined)
  process.stdin.on('data', (typed) => writeFileSync(${JSON.stringify(notes)}, 'read ' + String(typed).trim()))
  writeFileSync(${JSON.stringify(notes)}, String(process.pid))
  setInterval(() => {}, 1000)
`

function prepared(t: TestContext, lines: number) {
  const directory = mkdtempSync(join(tmpdir(), 'haup-log-'))
  const [script, notes] = [join(directory, 'program.mts'), join(directory, 'notes')]
  writeFileSync(notes, '')
  writeFileSync(script, program(notes, lines, 5_000))
  const watcher = watch(notes)
  t.after(() => {
    watcher.close()
    rmSync(directory, { recursive: true })
  })
  /** Resolves when the notes say something that matches; rejects after a while. */
  const noted = async (pattern: RegExp): Promise<string> => {
    const signal = AbortSignal.timeout(10_000)
    for (let text = readFileSync(notes, 'utf8'); ; text = readFileSync(notes, 'utf8')) {
      if (pattern.test(text)) return text
      await once(watcher, 'change', { signal })
    }
  }
  return { script, noted }
}

/** Its stdout is a pipe or a socket that is read when descriptor 3 is closed. */
const READERS = [
  ['pipe', '"$0" "$1" | { cat <&3; cat; }'],
  ['socket', 'exec "$0" "$1"'],
] as const

for (const [kind, command] of READERS) {
  test(`a ${kind} that nobody reads does not stop the one who logs, and the end is there when it is read`, async (t) => {
    const { script, noted } = prepared(t, 20_000)
    const stdio = ['ignore', 'pipe', 'inherit', 'pipe'] as const
    const child = spawn('sh', ['-c', command, process.execPath, script], { stdio: [...stdio] })
    const pid = Number(await noted(/^\d+$/))
    t.after(() => child.exitCode === null && process.kill(pid, 'SIGKILL'))
    process.kill(pid, 'SIGUSR1')
    await noted(/returned/)
    let read = ''
    child.stdout?.on('data', (chunk) => {
      read += String(chunk)
    })
    child.stdio[3]?.destroy()
    process.kill(pid, 'SIGUSR2')
    await once(child, 'close')
    const lines = read.split('\n').map((line) => line.slice(line.indexOf(' ') + 1, 130))
    assert.equal(lines[0], 'www: ready [x.y]')
    assert.ok(lines[1]?.startsWith('www: line 1 '), String(lines[1]))
    assert.equal(lines.filter((line) => /^WARN haup: \d+ log lines are lost: nobody read them/.test(line)).length, 1)
    assert.ok(lines.at(-2)?.startsWith('www: line 20000 '), String(lines.at(-2)))
  })
}

test('neither does Ctrl-S at the terminal; Ctrl-Q lets it flow', async (t) => {
  const { script, noted } = prepared(t, 300)
  const terminal = spawn('script', ['-qfec', `exec ${process.execPath} ${script}`, '/dev/null'], { stdio: 'pipe' })
  t.after(() => terminal.kill('SIGKILL'))
  let shown = ''
  const seen = Promise.withResolvers<void>()
  terminal.stdout.on('data', (chunk) => {
    shown += String(chunk)
    if (shown.includes('line 300 ')) seen.resolve()
  })
  const pid = Number(await noted(/^\d+$/))
  t.after(() => process.kill(pid, 'SIGKILL'))
  // Its echo is held like all output; that it is read shows that the terminal has taken Ctrl-S before it.
  terminal.stdin.write('\x13after\n')
  await noted(/^read after$/)
  process.kill(pid, 'SIGUSR1')
  await noted(/returned/)
  assert.ok(!shown.includes('line 1 '), 'the terminal is held')
  terminal.stdin.write('\x11')
  await seen.promise
  assert.ok(shown.includes('line 1 '))
})
