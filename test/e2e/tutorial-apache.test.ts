import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { Box } from '../../src/lab/box.ts'
import { buildLab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { VIP } from './support/config.ts'
import { entered, heardAdverts, logged, untilHolders } from './support/pair.ts'
import {
  breakServer,
  INSTANCE,
  killServer,
  repairServer,
  type Stage,
  setUpPair,
  startPair,
  stopMaster,
} from './support/tutorial.ts'

/**
 * The public tutorials of apache pairs with keepalived: a page must answer 200, nobody takes the address back, and
 * scripts write down when a box changed its role. Set up by the flags of `haup init` alone.
 */

const logOf = ({ directory }: Box, name: string): string => join(directory, `${name}.log`)

/** As in the tutorial: a script appends a line to a log. */
async function notifyScript(box: Box, name: string, line: string): Promise<string> {
  const script = join(box.directory, name)
  await writeFile(script, `#!/bin/sh\necho "${line}" >> ${logOf(box, name)}\n`, { mode: 0o755 })
  return script
}

async function flagsOf(box: Box): Promise<readonly string[]> {
  return [
    ...['--vip', `${VIP}/24`, '--vrid', '53', '--no-preempt'],
    ...['--probe-url', 'http://127.0.0.1/index.html', '--probe-status', '200'],
    ...['--notify-master', await notifyScript(box, 'named', 'master')],
    ...['--notify-stop', await notifyScript(box, 'named-stop', 'stop')],
    ...['--notify', await notifyScript(box, 'any', '$*')],
  ]
}

test('an apache pair: a page must answer 200, nobody takes the address back, the logs tell the roles', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: ['client'], server: 'apache' })
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  await setUpPair(web1, web2, flagsOf)
  await startPair(web1, web2)
  const client = lab.startClient(VIP)
  const first: Stage = { lab, client, holder: web1, other: web2, answersOf: ({ name }) => [name] }
  await client.servedBy('web1', 0)

  await stopMaster(first)
  const returned = monotonicMs()
  await web1.startEngine().log.until(entered('BACKUP', INSTANCE))
  await heardAdverts(web1, 4)
  assert.deepEqual((await client.viewSince(returned)).path, ['web2'], 'nobody is cut off by the return')
  await untilHolders(lab, ['web2'])

  const second: Stage = { ...first, holder: web2, other: web1 }
  await killServer(second)
  await breakServer(second)
  await repairServer(web2, logged('service.healthy'))
  await heardAdverts(web2, 4)
  await untilHolders(lab, ['web1'])

  await web2.engine().stop()
  await web1.engine().stop()
  // The first stop of web1 handed the address over: it was BACKUP before it ended. At the second nobody was left to take it.
  await tells(web1, 'any', anyLines(['BACKUP', 'MASTER', 'BACKUP', 'STOP', 'BACKUP', 'MASTER', 'STOP'], '250'))
  await tells(web2, 'any', anyLines(['BACKUP', 'MASTER', 'FAULT', 'BACKUP', 'STOP'], '240'))
  await tells(web1, 'named', ['master', 'master'])
  await tells(web1, 'named-stop', ['stop', 'stop'])
  await tells(web2, 'named', ['master'])
  await tells(web2, 'named-stop', ['stop'])
})

test('a page that is gone is a failure, be the port open or not', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: ['client'], server: 'apache' })
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  await setUpPair(web1, web2, async (box) => [...(await flagsOf(box)), '--restart', 'none'])
  await startPair(web1, web2)
  const client = lab.startClient(VIP)
  await client.servedBy('web1', 0)
  await web1.server.answer500()
  const told = await web1.engine().log.until(logged('service.failed.[a-z-]+'))
  await client.servedBy('web2', 0)
  assert.match(told, /index\.html.*500|500.*index\.html/)
  await untilHolders(lab, ['web2'])
  const failed = web1.engine().log.position()
  await web1.server.answerNormally()
  await web1.engine().log.until(logged('service.healthy'), { after: failed })
  await heardAdverts(web1, 4)
  await untilHolders(lab, ['web2'])
})

/** keepalived's arguments; a node that has stepped back says so by its priority. */
const anyLines = (states: readonly string[], priority: string): readonly string[] =>
  states.map((state) => `INSTANCE ${INSTANCE} ${state} ${state === 'FAULT' ? '1' : priority}`)

/** The engine has waited for its commands before it ended, so the log is complete. */
async function tells(box: Box, name: string, lines: readonly string[]): Promise<void> {
  const written = (await readFile(logOf(box, name), 'utf8')).trimEnd().split('\n')
  assert.ok(isDeepStrictEqual(written, lines), `${box.name} ${name}:\n${written.join('\n')}`)
}
