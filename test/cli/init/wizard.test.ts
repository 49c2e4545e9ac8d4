import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { loadConfig } from '../../../src/config/load.ts'
import { createPair, type Namespace } from '../../support/netns.ts'
import { HAUP } from '../support/run.ts'
import { type Box, openBox, startNginx } from './boxes.ts'

/** The wizard at a real terminal (of `dist/`: build it first): each key is pressed when its question is on the screen. */

const ENTER = '\r'
const DOWN = '\u001b[B'
const CTRL_C = '\u0003'

/** A question that does not come fails the test. */
const WITHIN_MS = 60_000

type Step = readonly [question: string, keys: string]

async function talk(namespace: Namespace, box: Box, steps: readonly Step[]) {
  const line = `ip netns exec ${namespace.name} ${HAUP} init --no-listen --config ${box.config}`
  const terminal = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], { stdio: 'pipe' })
  const waiting = [...steps]
  let [shown, seen] = ['', 0]
  terminal.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    const text = stripVTControlCharacters(shown)
    // A chunk may hold several of them.
    for (let [next] = waiting; next !== undefined; [next] = waiting) {
      const at = text.indexOf(next[0], seen)
      if (at < 0) return
      seen = at + next[0].length
      waiting.shift()
      terminal.stdin.write(next[1])
    }
  })
  const tooLong = setTimeout(() => terminal.kill(), WITHIN_MS)
  const [code] = await once(terminal, 'close')
  clearTimeout(tooLong)
  return { code, shown: stripVTControlCharacters(shown), waiting }
}

const UNTIL_VIP: readonly Step[] = [
  ['? Name of the cluster', `shop${ENTER}`],
  ['? Name of this box', `web1${ENTER}`],
  ['? Address of this box', ENTER],
  ['? Name of the other box', ENTER],
  ['? Address of the other box', `192.0.2.12${ENTER}`],
]

const UNTIL_FILES: readonly Step[] = [
  ...UNTIL_VIP,
  ['? Virtual address(es)', `192.0.2.11${ENTER}`],
  ["192.0.2.11 is a box's own address", `\u0015198.51.100.7/24${ENTER}`],
  ['? Name of the group', ENTER],
  ['? Which box holds', ENTER],
  ['? VRID', `\u001577${ENTER}`],
  ['? VRRP version', ENTER],
  ['? Time between adverts', ENTER],
  ['? Shall a repaired box', `n${ENTER}`],
  ['? Name of the web service', ENTER],
  ['? What shows that it works?', `${DOWN}${ENTER}`],
  ['this finds no health location', ''],
  ['? What shows that it works?', ENTER],
  ['? URL that must answer', ENTER],
  ['? Accepted status codes', ENTER],
  ['? How to start it', `\u0015none${ENTER}`],
]

test('all questions, a wrong answer under its field, a warning at once, the files, yes', async () => {
  using pair = createPair()
  using box = openBox(pair.a)
  startNginx(box, 'server { listen 80; location / { return 200; } }')
  const { code, shown, waiting } = await talk(pair.a, box, [...UNTIL_FILES, ['? Write these files?', ENTER]])
  assert.deepEqual(waiting, [], shown)
  assert.equal(code, 0, shown)
  assert.match(shown, /this box: .*, e0 192\.0\.2\.11\/24/)
  assert.match(shown, /warning: 198\.51\.100\.7\/24 is outside the subnets of e0/)
  assert.match(shown, /new {7}.*haup\.yaml/)
  const loaded = await loadConfig(box.config)
  assert.ok(loaded.ok)
  const [instance] = loaded.value.config.instances
  assert.deepEqual([instance?.vrid, instance?.preempt, instance?.priority], [77, false, { web1: 250, web2: 240 }])
})

test('"write nothing" and Ctrl-C at the last question leave nothing behind', async () => {
  using pair = createPair()
  using box = openBox(pair.a)
  startNginx(box, 'server { listen 80; location / { return 200; } }')
  const refused = await talk(pair.a, box, [...UNTIL_FILES, ['? Write these files?', `${DOWN}${DOWN}${ENTER}`]])
  assert.equal(refused.code, 3, refused.shown)
  assert.match(refused.shown, /nothing was written/)
  const interrupted = await talk(pair.a, box, [...UNTIL_FILES, ['? Write these files?', CTRL_C]])
  assert.equal(interrupted.code, 130, interrupted.shown)
  assert.deepEqual([existsSync(box.config), existsSync(`${box.config}.init-manifest.json`)], [false, false])
})

test('a file that differs: the difference is shown, a copy is kept', async () => {
  using pair = createPair()
  using box = openBox(pair.a)
  startNginx(box, 'server { listen 80; location / { return 200; } }')
  const flags = ['--yes', '--no-listen', '--peer-address', '192.0.2.12', '--vip', '192.0.2.100/24', '--vrid', '9']
  assert.equal((await box.init(...flags)).code, 0)
  const before = readFileSync(box.config, 'utf8')
  const { code, shown } = await talk(pair.a, box, [...UNTIL_FILES, ['? Write these files?', ENTER]])
  assert.equal(code, 0, shown)
  assert.match(shown, /-cluster: web\s+\+cluster: shop/)
  const copy = /kept the former file as (\S+)/.exec(shown)?.[1]
  assert.equal(readFileSync(copy ?? '', 'utf8'), before)
})
