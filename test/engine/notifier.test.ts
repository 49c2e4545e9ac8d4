import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { NotifyConfig } from '../../src/config/types.ts'
import type { NotifyCommand } from '../../src/engine/core/notify.ts'
import { createNotifier, type NotifierOptions } from '../../src/engine/notifier.ts'
import type { CommandReport } from '../../src/probes/run-command.ts'
import type { LogRecord } from '../../src/shared/log.ts'
import { fromMillis, fromSeconds, type Micros, plus, ZERO } from '../../src/shared/units.ts'
import { createNode, instance, planFor } from './core/support.ts'

type Options = { readonly notify: Partial<NotifyConfig> } & Partial<Pick<NotifierOptions, 'run' | 'settled'>>

/** A notifier of one instance that can be made MASTER and taken its link, as often as is wanted. */
function notifierWith({ notify, ...others }: Options) {
  const on = { master: undefined, backup: undefined, fault: undefined, stop: undefined }
  const config: NotifyConfig = { on, any: undefined, timeout: fromSeconds(5), user: undefined, ...notify }
  const plan = planFor('web1', [instance({ notify: config })])
  const node = createNode(plan)
  const lines: LogRecord[] = []
  let now: Micros = ZERO
  const notifier = createNotifier({
    plan: () => plan,
    initial: node.state(),
    settled: () => Promise.resolve(),
    now: () => now,
    log: (record) => lines.push(record),
    onBug: (thrown) => assert.fail(String(thrown)),
    ...others,
  })
  let seconds = 0
  const tell = (act: () => void): void => {
    act()
    notifier.onState(node.state())
  }
  const link = (up: boolean): void =>
    tell(() => node.send({ kind: 'link', link: { interface: 'eth0', up, detail: up ? 'up' : 'down' } }))
  const become = { backup: () => (seconds === 0 ? tell(node.ready) : link(true)), fault: () => link(false) }
  const master = (): void => {
    seconds += 6
    tell(() => node.run(seconds))
  }
  const pass = (seconds: number): void => {
    now = plus(now, fromSeconds(seconds))
  }
  return { notifier, lines, ...become, master, pass }
}

const done = (output = ''): CommandReport => ({ end: { kind: 'exit', code: 0 }, output, took: ZERO })

/** Commands that end when they are told to. */
function heldCommands() {
  const started: { readonly state: string; readonly end: () => void; readonly signal: AbortSignal }[] = []
  const run = ({ state }: NotifyCommand, signal: AbortSignal) =>
    new Promise<CommandReport>((resolve) => {
      started.push({ state, signal, end: () => resolve(done()) })
      signal.addEventListener('abort', () => resolve({ ...done(), end: { kind: 'killed' } }))
    })
  return { started, run, states: () => started.map(({ state }) => state) }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const scratch = (t: TestContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'haup-notify-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

test('one at a time; while one runs the newest change waits, and what it replaces is said', async () => {
  const { started, run, states } = heldCommands()
  const { notifier, backup, fault, master, lines } = notifierWith({ notify: { any: ['x'] }, run })
  backup()
  master()
  fault()
  await turn()
  assert.deepEqual(states(), ['backup'])
  started[0]?.end()
  await turn()
  assert.deepEqual(states(), ['backup', 'fault'])
  assert.match(
    lines[0]?.message ?? '',
    /^told MASTER of www: x INSTANCE www MASTER \d+: not run, the state has changed/,
  )
  await notifier.stop(ZERO)
})

test('all commands of one change run, whatever comes meanwhile', async () => {
  const { started, run, states } = heldCommands()
  const on = { master: undefined, backup: ['b'], fault: ['f'], stop: undefined }
  const { notifier, backup, fault } = notifierWith({ notify: { on, any: ['x'] }, run })
  backup()
  fault()
  await turn()
  for (let index = 0; index < 4; index += 1) {
    started[index]?.end()
    await turn()
  }
  assert.deepEqual(states(), ['backup', 'backup', 'fault', 'fault'])
  await notifier.stop(ZERO)
})

test('a command starts when the addresses are as its state says', async () => {
  const { run, states } = heldCommands()
  const settled = Promise.withResolvers<void>()
  const { notifier, backup } = notifierWith({ notify: { any: ['x'] }, run, settled: () => settled.promise })
  backup()
  await turn()
  assert.deepEqual(states(), [])
  settled.resolve()
  await turn()
  assert.deepEqual(states(), ['backup'])
  await notifier.stop(ZERO)
})

test('a real command: arguments, environment, exit code and last line', async (t) => {
  const file = join(scratch(t), 'told')
  const script = `import sys, os\nopen(${JSON.stringify(file)}, 'w').write(' '.join(sys.argv[1:] + [os.environ['HAUP_STATE']]))
print('first\\nlast'); sys.exit(3)`
  const { notifier, backup, lines } = notifierWith({ notify: { any: ['python3', '-c', script] } })
  backup()
  while (lines.length === 0) await turn()
  assert.equal(readFileSync(file, 'utf8'), 'INSTANCE www BACKUP 150 BACKUP')
  assert.equal(lines[0]?.code, 'notify.failed')
  assert.match(lines[0]?.message ?? '', /^told BACKUP of www: python3 .*: exit 3: last$/s)
  await notifier.stop(fromSeconds(1))
})

test('a command that hangs is killed with its children, and the next one runs', async (t) => {
  const file = join(scratch(t), 'late')
  const hang = `import subprocess, time\nsubprocess.Popen(['sh', '-c', 'sleep 1; touch ${file}'])\ntime.sleep(60)`
  const on = { master: undefined, backup: ['python3', '-c', hang], fault: ['true'], stop: undefined }
  const { backup, fault, lines } = notifierWith({ notify: { on, timeout: fromMillis(300) } })
  backup()
  fault()
  while (lines.length < 2) await turn()
  assert.match(lines[0]?.message ?? '', /not done within (29|3\d)\d.*ms, killed/)
  assert.match(lines[1]?.message ?? '', /^told FAULT of www: true: exit 0/)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  assert.equal(existsSync(file), false, 'the child of the command lives on')
})

test('a user that does not exist is a command that failed', async () => {
  const { backup, lines } = notifierWith({ notify: { any: ['true'], user: 'haup-nobody' } })
  backup()
  while (lines.length === 0) await turn()
  assert.match(lines[0]?.message ?? '', /there is no user haup-nobody/)
})

test('a state that flaps: few commands, few lines, and the last state is told in the end', async () => {
  const runs: string[] = []
  const run = ({ state }: NotifyCommand) => {
    runs.push(state)
    return Promise.resolve(done())
  }
  const { notifier, backup, fault, lines, pass } = notifierWith({ notify: { any: ['x'] }, run })
  for (let count = 0; count < 1_000; count += 1) {
    backup()
    fault()
    if (count % 10 === 0) await turn()
  }
  assert.ok(runs.length <= 5, `${runs.length} commands`)
  assert.ok(lines.length < 60, `${lines.length} lines`)
  pass(1)
  backup()
  while (runs.at(-1) !== 'backup') await turn()
  await notifier.stop(ZERO)
})

test('at the stop what waits is dropped, what runs has half of the time, and the stop is told', async () => {
  const { run, states } = heldCommands()
  const { notifier, backup, fault, lines } = notifierWith({ notify: { any: ['x'] }, run })
  backup()
  fault()
  await turn()
  const before = performance.now()
  await notifier.stop(fromMillis(200))
  const took = performance.now() - before
  assert.deepEqual(states(), ['backup', 'stop'])
  assert.ok(took >= 190 && took < 2_000, `${took} ms`)
  assert.deepEqual(
    lines.map(({ code }) => code),
    ['notify.dropped', 'notify.failed', 'notify.failed'],
  )
  backup()
  await turn()
  assert.deepEqual(states(), ['backup', 'stop'], 'nothing is told after the stop')
})

test('without commands a stop takes no time', async () => {
  const { notifier, backup } = notifierWith({ notify: {}, run: () => assert.fail('run') })
  backup()
  await notifier.stop(fromSeconds(60))
})
