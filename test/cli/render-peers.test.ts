import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plain } from '../../src/cli/paint.ts'
import { renderPeers } from '../../src/cli/render-peers.ts'
import type { PeerStatus } from '../../src/control/messages.ts'

const aPeer = (changes: Partial<PeerStatus> = {}): PeerStatus => ({
  node: 'web2',
  alive: true,
  life: 'alive',
  age_seconds: 0.31,
  paths: [
    { name: 'lan', heard_seconds_ago: 0.2 },
    { name: 'path1', heard_seconds_ago: null },
  ],
  haup: '0.9.0',
  standby: false,
  leaving: false,
  lateness_ms: 0.4,
  config: 'same',
  instances: [
    {
      name: 'www',
      state: 'BACKUP',
      since_seconds: 185,
      reason: 'web1 has priority 250',
      ready: true,
      readiness: 'serves',
      priority: 240,
      holding: false,
      lan: 'reached',
    },
  ],
  services: [{ name: 'nginx', good: true, detail: 'healthy' }],
  ...changes,
})

const render = (peer: PeerStatus): string => `${renderPeers([peer], plain).join('\n')}\n`

test('a node that is well: each fact with its age', () =>
  assert.equal(
    render(aPeer()),
    `
web2  ALIVE  as of 0.3s ago, haup 0.9.0
  paths      lan 0.2s ago, path1 never heard
  www        BACKUP for 3m 5s, ready, priority 240: web1 has priority 250 (0.3s
             ago)
  nginx      good: healthy (0.3s ago)
`,
  ))

test('a node that is silent is told in the past', () => {
  const [instance] = aPeer().instances
  assert.ok(instance)
  const master = { ...instance, state: 'MASTER', holding: true, lan: 'dark', reason: 'preferred' } as const
  const shown = render(
    aPeer({ alive: false, life: 'silent', age_seconds: 75, standby: true, instances: [master], services: [] }),
  )
  assert.equal(
    shown,
    `
web2  SILENT  as of 1m 15s ago, haup 0.9.0, on standby
  paths      lan 0.2s ago, path1 never heard
  www        was MASTER for 3m 5s, held the addresses, priority 240, does not
             reach the LAN: preferred (1m 15s ago)
`,
  )
})

test('a node that was never heard, and another configuration', () => {
  const unheard = aPeer({
    alive: false,
    life: 'unknown',
    age_seconds: null,
    haup: null,
    config: null,
    paths: [],
    instances: [],
    services: [],
  })
  assert.equal(render(unheard), '\nweb2  UNKNOWN  not heard since the engine started\n')
  const other = render(aPeer({ config: { differs: ['instances', 'services'] } }))
  assert.match(
    other,
    /^ {2}config {5}differs from ours in instances, services: copy haup.yaml, then haup\n {13}reload$/m,
  )
})

test('nothing is wider than 80 columns, and nothing moves the cursor', () => {
  const evil = `\u001b[2J\r\n${'x'.repeat(200)}`
  const [instance] = aPeer().instances
  assert.ok(instance)
  const peer = aPeer({
    node: evil,
    haup: evil,
    paths: [{ name: evil, heard_seconds_ago: 1 }],
    instances: [{ ...instance, name: evil, reason: evil }],
    services: [{ name: evil, good: false, detail: evil }],
    config: { differs: [evil] },
  })
  for (const line of renderPeers([peer], plain)) {
    assert.ok(line.length <= 80, line)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f]/)
  }
})
