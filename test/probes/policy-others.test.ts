import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeService, serviceDeadline } from '../../src/probes/policy.ts'
import type { Others, ServiceConfig } from '../../src/probes/types.ts'
import { ms, passed, play, rounds, seconds, service, wrong } from './support/service.ts'

const READY: Partial<Others> = { ready: true, sound: true }

/** Two bad rounds at 1 s and 1.1 s, after good ones. */
function failing(others: Partial<Others>, changes: Partial<ServiceConfig> = {}, results = wrong(500)) {
  const config = service({ fall: 2, configTest: undefined, ...changes })
  const game = play(config)
  rounds(game, 'pass', 0, 1)
  game.beside(others)
  game.timer(seconds(1))
  game.answer(seconds(1), results)
  game.timer(ms(1_100))
  return { game, config, last: game.answer(ms(1_100), results) }
}

describe('another node is ready', () => {
  test('a restart has `patience`, then the address is yielded and the repair goes on', () => {
    const { game, config, last } = failing(READY)
    assert.deepEqual(last, ['restart'])
    assert.equal(serviceDeadline(game.state()), ms(1_600))
    assert.deepEqual(game.timer(ms(1_599)), [])
    assert.deepEqual(game.timer(ms(1_600)), ['yield repair'])
    assert.deepEqual([game.state().phase.kind, game.state().verdict], ['restarting', 'failed'])
    assert.equal(serviceDeadline(game.state()), undefined, 'it is yielded once')
    assert.match(describeService(config, game.state(), seconds(2)).reason, /restart 1 of 2/)
    assert.deepEqual(game.restarted(seconds(2), true), ['probe'])
  })

  test('a restarted server that answers as wrongly as before has had its time', () => {
    const { game } = failing(READY)
    assert.deepEqual(game.restarted(ms(1_150), true), ['probe'])
    assert.deepEqual(game.refuse(ms(1_160)), [], 'it is on its way up')
    game.timer(ms(1_175))
    assert.deepEqual(game.answer(ms(1_180), wrong(500)), ['yield repair'])
    assert.equal(game.state().phase.kind, 'verifying')
  })

  test('one that is well again in time keeps the address', () => {
    const { game } = failing(READY)
    game.restarted(ms(1_150), true)
    assert.deepEqual(game.pass(ms(1_160)), [])
    assert.deepEqual([game.state().phase.kind, game.state().verdict], ['healthy', 'good'])
    assert.deepEqual(game.timer(ms(1_700)), [])
  })

  test('what was yielded comes back after `rise` good rounds', () => {
    const { game } = failing(READY)
    game.timer(ms(1_600))
    game.restarted(ms(1_700), true)
    assert.deepEqual(game.pass(ms(1_710)), [])
    assert.deepEqual([game.state().phase.kind, game.state().verdict], ['failed', 'failed'])
    game.timer(ms(2_710))
    assert.deepEqual(game.pass(ms(2_710)), ['resume'])
  })

  test('the test of the configuration counts, too', () => {
    const { game, last } = failing(READY, { configTest: ['nginx', '-t'] })
    assert.deepEqual(last, ['test-config'])
    assert.deepEqual(game.timer(ms(1_600)), ['yield repair'])
    assert.deepEqual(game.tested(ms(1_650), false, 'broken'), [])
    assert.equal(game.notices.at(-1), 'given up: its configuration test failed: broken')
    assert.equal(game.state().phase.kind, 'failed')
  })

  test('it gets ready during the repair: yielded as soon as it is seen', () => {
    const { game } = failing({})
    assert.deepEqual(game.timer(ms(1_600)), [])
    assert.equal(serviceDeadline(game.state()), ms(1_700))
    game.beside(READY)
    assert.deepEqual(game.timer(ms(1_700)), ['yield repair'])
  })

  test('it was ready and is not any more: as if there were none', () => {
    const { game } = failing(READY)
    game.beside({ ready: false })
    assert.deepEqual(game.timer(ms(1_600)), [])
    game.restarted(ms(1_650), true)
    assert.deepEqual(game.answer(ms(1_660), wrong(500)), [])
    assert.equal(game.state().verdict, 'good')
  })
})

describe('the servers of all nodes give the same wrong answer', () => {
  const ALIKE: Partial<Others> = { wrong: [{ node: 'web2', detail: 'http 127.0.0.1/: 502, expected 200-399' }] }

  test('nothing is restarted or yielded, it is said once, and looked at each interval', () => {
    const { game, last } = failing(ALIKE, {}, wrong(502))
    assert.deepEqual(last, [])
    assert.match(game.notices.at(-1) ?? '', /^neither restarted nor moved: .* the same on web2: look at what both/)
    assert.deepEqual([game.state().phase.kind, game.state().verdict], ['healthy', 'good'])
    const said = game.notices.length
    assert.equal(serviceDeadline(game.state()), ms(2_100))
    game.timer(ms(2_100))
    assert.deepEqual(game.answer(ms(2_101), wrong(502)), [])
    assert.equal(game.notices.length, said)
    game.timer(ms(3_101))
    assert.deepEqual(game.answer(ms(3_101), passed), [])
    assert.match(game.notices.at(-1) ?? '', /^good again/)
  })

  test('another fault, one that is sound, or a server that does not answer: repaired', () => {
    assert.deepEqual(failing(ALIKE, {}, wrong(500)).last, ['restart'])
    assert.deepEqual(failing({ ...ALIKE, sound: true }, {}, wrong(502)).last, ['restart'])
    const refused = [{ probe: 'http 127.0.0.1/', ok: false, detail: '502, expected 200-399', took: ms(1) }]
    assert.deepEqual(failing(ALIKE, {}, refused).last, ['restart'])
  })

  test('it is over on the other one alone: repaired here', () => {
    const { game } = failing(ALIKE, {}, wrong(502))
    game.beside({ wrong: [], sound: true, ready: true })
    game.timer(ms(2_100))
    assert.deepEqual(game.answer(ms(2_100), wrong(502)), ['restart'])
  })

  test('who has not served yet does not begin with it, and restarts nothing', () => {
    const game = play(service({ fall: 1 }))
    game.beside(ALIKE)
    game.start()
    assert.deepEqual(game.answer(ms(5), wrong(502)), ['yield alike'])
    for (let at = 1; at < 700; at += 1) {
      game.timer(seconds(at))
      assert.deepEqual(game.answer(seconds(at), wrong(502)), [])
    }
  })
})

test('what all servers answer is shown as what it is', () => {
  const { game, config } = failing({
    ready: true,
    wrong: [{ node: 'web2', detail: 'http 127.0.0.1/: 500, expected 200-399' }],
  })
  game.timer(ms(2_100))
  game.answer(ms(2_100), wrong(500))
  const { state, reason } = describeService(config, game.state(), seconds(3))
  assert.deepEqual(
    [state, reason],
    ['FAILED', 'http 127.0.0.1/: 500, expected 200-399, the same on web2: look at what both depend on'],
  )
})

describe('a server that serves other sites well', () => {
  const http = (url: string) => ({
    ...({ kind: 'http', url, method: 'GET', headers: {}, host: undefined, body: undefined, sni: undefined } as const),
    ...({ status: [[200, 399]], ca: { kind: 'system' } } as const),
  })
  const probes = [http('http://127.0.0.1/'), http('http://127.0.0.1/shop')]
  const partly = [...passed, ...wrong(502)]

  test('is not restarted for one: the address goes to a node that is ready, and nothing is cut here', () => {
    const { game, config, last } = failing(READY, { probes }, partly)
    assert.deepEqual(last, ['yield probe'])
    assert.match(
      describeService(config, game.state(), seconds(2)).reason,
      /not restarted, since it answers other probes/,
    )
    for (let at = 2; at < 600; at += 1) {
      game.timer(seconds(at))
      assert.deepEqual(game.answer(seconds(at), partly), [])
    }
    game.timer(seconds(600))
    assert.deepEqual(game.answer(seconds(600), [...passed, ...passed]), [])
    game.timer(seconds(601))
    assert.deepEqual(game.answer(seconds(601), [...passed, ...passed]), ['resume'])
  })

  test('is restarted when one of them has no answer at all', () => {
    const refused = [{ ...passed[0], ok: false, detail: 'connection refused' }] as typeof passed
    assert.deepEqual(failing(READY, { probes }, [...passed, ...refused]).last, ['restart'])
  })

  test('an open port beside a wrong answer is no other site', () => {
    const tcp = { kind: 'tcp', host: '127.0.0.1', port: 80 } as const
    assert.deepEqual(failing(READY, { probes: [tcp, probes[1] ?? tcp] }, partly).last, ['restart'])
  })
})
