import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { choosePaint, plain } from '../../src/cli/paint.ts'
import { describePriority, renderStatus } from '../../src/cli/render-status.ts'
import type { Status } from '../../src/control/messages.ts'
import { anInstance, aService, aStatus } from '../control/support/status.ts'

const render = (status: Status): string => `${renderStatus(status, plain).join('\n')}\n`

test('a master', () => {
  assert.equal(
    render(aStatus()),
    `\
www: held by web1 (this node); web2 would take over
web1 of shop: haup 0.1.0, up 3h 5m, pid 4711

www  MASTER  since 2026-03-01 12:00:03 UTC (3h 5m)
  why        no advert heard for 3.609s
  addresses  192.0.2.10/24 on eth0, bound
  priority   150 = 150 base
  peer       web2 192.0.2.12, priority 100, 0.4s ago
  vrrp       VRID 51 on eth0, version 3, every 1000 ms, preempting
  counted    adverts sent 11109, became master 1, announcements sent 12

nginx  HEALTHY  since 2026-03-01 12:00:00 UTC (3h 5m)
  probe      http 127.0.0.1/: ok, 200 in 3.1ms
  process    4242, watched

engine loop late by 0.08 ms (median), 0.61 ms (p99), 3.2 ms at most
`,
  )
})

test('a backup that has heard its master', () => {
  const backup = anInstance({
    state: 'BACKUP',
    reason: 'web2 has priority 150',
    holder: 'web2',
    preferred: 'web2',
    candidates: [{ node: 'web1', readiness: 'serves', why: '' }],
    priority: { effective: 100, parts: [{ label: 'base', value: 100 }] },
    addresses: [{ address: '192.0.2.10/24', interface: 'eth0', bound: false }],
    last_heard: { address: '192.0.2.12', node: null, priority: 150, seconds_ago: 0.05 },
    counters: {
      ...anInstance().counters,
      adverts_sent: 0,
      became_master: 0,
      announcements_sent: 0,
      foreign_claims_heard: 0,
      adverts_received: 9,
    },
  })
  assert.equal(
    render(aStatus({ instances: [backup], services: [] })),
    `\
www: held by web2; web1 would take over
web1 of shop: haup 0.1.0, up 3h 5m, pid 4711

www  BACKUP  since 2026-03-01 12:00:03 UTC (3h 5m)
  why        web2 has priority 150
  addresses  192.0.2.10/24 on eth0, not bound
  priority   100 = 100 base
  peer       192.0.2.12, priority 150, 0.1s ago
  vrrp       VRID 51 on eth0, version 3, every 1000 ms, preempting
  counted    adverts received 9

engine loop late by 0.08 ms (median), 0.61 ms (p99), 3.2 ms at most
`,
  )
})

test('a fault: what stands in the way is said next to the state', () => {
  const fault = anInstance({
    state: 'FAULT',
    reason: 'nginx failed',
    holder: null,
    faults: ['nginx: http 127.0.0.1/: connection refused', 'eth0 is down'],
    priority: { effective: 1, parts: [{ label: 'last resort (nginx failed)', value: 1 }] },
    addresses: [{ address: '192.0.2.10/24', interface: 'eth0', bound: false }],
    last_heard: null,
  })
  const failed = aService({
    state: 'FAILED',
    reason: '2 restarts within 1m 0s did not help: connection refused',
    probes: [{ probe: 'http 127.0.0.1/', ok: false, detail: 'connection refused', took_ms: 0.4 }],
    main_process: { watched: false, pid: null, reason: 'there is no pid file /run/nginx.pid' },
    restarts_in_window: 2,
  })
  assert.equal(
    render(aStatus({ instances: [fault], services: [failed] })),
    `\
www: held by no node that is known
web1 of shop: haup 0.1.0, up 3h 5m, pid 4711

www  FAULT  since 2026-03-01 12:00:03 UTC (3h 5m)
  why        nginx failed
  fault      nginx: http 127.0.0.1/: connection refused
  fault      eth0 is down
  addresses  192.0.2.10/24 on eth0, not bound
  priority   1 = last resort (nginx failed)
  peer       none heard since the engine started
  vrrp       VRID 51 on eth0, version 3, every 1000 ms, preempting
  counted    adverts sent 11109, became master 1, announcements sent 12

nginx  FAILED  since 2026-03-01 12:00:00 UTC (3h 5m)
  why        2 restarts within 1m 0s did not help: connection refused
  probe      http 127.0.0.1/: FAILED, connection refused
  process    not watched, only probed: there is no pid file /run/nginx.pid
  restarts   2 of 2 used up

engine loop late by 0.08 ms (median), 0.61 ms (p99), 3.2 ms at most
`,
  )
})

test('a fault that the reason names is not said again', () => {
  const faults = ['nginx: connection refused', 'eth0 is down']
  const fault = anInstance({ state: 'FAULT', reason: 'nginx: connection refused', faults })
  const shown = render(aStatus({ instances: [fault], services: [] }))
  assert.equal(shown.split('nginx: connection refused').length, 2)
  assert.match(shown, /^ {2}fault +eth0 is down$/m)
})

test('a healthy service whose remedies are paused says so', () => {
  const reason = 'http 127.0.0.1/: 200 in 3.1ms; remedies paused: handed over'
  const shown = render(aStatus({ instances: [], services: [aService({ reason, remedies_paused: true })] }))
  assert.match(shown, /HEALTHY.*\n {2}why +http 127.0.0.1\/: 200 in 3.1ms; remedies paused: handed over\n/)
})

test('a hold with and without an end, a peer that released, packets that were rejected', () => {
  const held = anInstance({
    state: 'FAULT',
    hold: { since: '2026-03-01T15:00:00.000Z', ends: '2026-03-01T15:10:00.000Z', standby: false, strict: false },
    last_heard: { address: '192.0.2.12', node: 'web2', priority: 0, seconds_ago: 75 },
    counters: { ...anInstance().counters, rejected: { ttl: 2, checksum: 0, 'auth-data': 1_204 } },
  })
  const open = anInstance({
    name: 'mail',
    hold: { since: '2026-03-01T15:00:00.000Z', ends: null, standby: false, strict: false },
    preempt: false,
  })
  assert.equal(
    render(aStatus({ instances: [held, open], services: [] })),
    `\
www, mail: held by web1 (this node); web2 would take over
web1 of shop: haup 0.1.0, up 3h 5m, pid 4711

www  FAULT  since 2026-03-01 12:00:03 UTC (3h 5m)
  why        no advert heard for 3.609s
  hold       handed over by an administrator at 2026-03-01 15:00:00 UTC, until
             2026-03-01 15:10:00 UTC
  addresses  192.0.2.10/24 on eth0, bound
  priority   150 = 150 base
  peer       web2 192.0.2.12, released (priority 0), 1m 15s ago
  vrrp       VRID 51 on eth0, version 3, every 1000 ms, preempting
  counted    adverts sent 11109, became master 1, announcements sent 12
  rejected   ttl 2, auth-data 1204

mail  MASTER  since 2026-03-01 12:00:03 UTC (3h 5m)
  why        no advert heard for 3.609s
  hold       handed over by an administrator at 2026-03-01 15:00:00 UTC, until:
             haup failover --back
  addresses  192.0.2.10/24 on eth0, bound
  priority   150 = 150 base
  peer       web2 192.0.2.12, priority 100, 0.4s ago
  vrrp       VRID 51 on eth0, version 3, every 1000 ms, not preempting
  counted    adverts sent 11109, became master 1, announcements sent 12

engine loop late by 0.08 ms (median), 0.61 ms (p99), 3.2 ms at most
`,
  )
})

test('warnings come before all details', () => {
  const warnings = [
    { code: 'gate.off', message: 'the gate of www is off: a hung engine may keep its address beside the new master' },
    { code: 'address.foreign', message: 'somebody else removed 192.0.2.10' },
  ]
  assert.equal(
    render(aStatus({ warnings, instances: [], services: [] })),
    `\
web1 of shop: haup 0.1.0, up 3h 5m, pid 4711
warning: the gate of www is off: a hung engine may keep its address beside the
new master
warning: somebody else removed 192.0.2.10

engine loop late by 0.08 ms (median), 0.61 ms (p99), 3.2 ms at most
`,
  )
})

test('a priority is a sum whose parts are named', () => {
  const priority = (effective: number, ...parts: { label: string; value: number }[]) =>
    describePriority({ priority: { effective, parts } })
  assert.equal(priority(150, { label: 'base', value: 150 }), '150 = 150 base')
  assert.equal(
    priority(110, { label: 'base', value: 150 }, { label: 'nginx failed', value: -40 }),
    '110 = 150 base - 40 nginx failed',
  )
  assert.equal(priority(255, { label: 'base', value: 250 }, { label: 'bonus', value: 5 }), '255 = 250 base + 5 bonus')
  assert.equal(priority(1, { label: 'last resort (nginx failed)', value: 1 }), '1 = last resort (nginx failed)')
  assert.equal(priority(7), '7')
})

test('nothing is wider than 80 columns, whatever the texts are', () => {
  const long = 'x'.repeat(200)
  const words = 'word '.repeat(60)
  const instance = anInstance({
    name: 'n'.repeat(63),
    reason: words,
    faults: [long, words],
    last_heard: { address: '192.0.2.12', node: 'n'.repeat(63), priority: 100, seconds_ago: 9e6 },
    counters: { ...anInstance().counters, rejected: { [long]: 1 } },
  })
  const service = aService({
    name: 'n'.repeat(63),
    reason: words,
    probes: [{ probe: long, ok: false, detail: words, took_ms: 1 }],
  })
  const status = aStatus({
    node: long,
    instances: [instance],
    services: [service],
    warnings: [{ code: 'x', message: long }],
  })
  for (const line of renderStatus(status, plain)) assert.ok(line.length <= 80, line)
})

test('text from outside cannot move the cursor', () => {
  const evil = '\u001b[2J\u009b1A\r\nMASTER'
  const instance = anInstance({ name: evil, reason: evil, faults: [evil], interface: evil })
  const service = aService({ name: evil, reason: evil, probes: [{ probe: evil, ok: true, detail: evil, took_ms: 1 }] })
  const lines = renderStatus(
    aStatus({ node: evil, instances: [instance], services: [service], warnings: [{ code: 'x', message: evil }] }),
    plain,
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  for (const line of lines) assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f]/)
})

test('colour marks the state and changes no letter', () => {
  const coloured = renderStatus(aStatus(), choosePaint(true, undefined))
  assert.ok(coloured.some((line) => line.includes('\u001b[32mMASTER\u001b[39m')))
  assert.deepEqual(
    coloured.map((line) => stripVTControlCharacters(line)),
    renderStatus(aStatus(), plain),
  )
})
