import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plain } from '../../src/cli/paint.ts'
import { renderVerdict } from '../../src/cli/render-verdict.ts'
import type { InstanceStatus } from '../../src/control/messages.ts'
import { anInstance, aService, aStatus } from '../control/support/status.ts'

const verdict = (...instances: readonly Partial<InstanceStatus>[]): string =>
  renderVerdict(aStatus({ instances: instances.map(anInstance) }), plain).join('\n')

const web2 = (readiness: InstanceStatus['candidates'][number]['readiness'], why = '') => ({
  candidates: [{ node: 'web2', readiness, why }],
})

test('who holds, and who would take over', () => {
  assert.equal(verdict({}), 'www: held by web1 (this node); web2 would take over')
  assert.equal(
    verdict(web2('standby', 'put on standby by an administrator (haup standby)')),
    'www: held by web1 (this node); web2 would take over, though an administrator\nkeeps it behind',
  )
  assert.equal(
    verdict(web2('unknown', 'it runs keepalived, only its adverts are heard')),
    'www: held by web1 (this node); web2 may take over, nothing but its adverts tells',
  )
  assert.equal(
    verdict(web2('unable', 'its engine has stopped')),
    'www: held by web1 (this node); nobody would take over',
  )
})

test('why another node than the preferred one holds', () => {
  assert.equal(
    verdict({
      holder: 'web2',
      candidates: [{ node: 'web1', readiness: 'unable', why: 'FAULT: nginx: connection refused' }],
    }),
    'www: held by web2, not web1 (FAULT: nginx: connection refused); nobody would\ntake over',
  )
})

test('several nodes, one of which could', () => {
  const candidates: InstanceStatus['candidates'] = [
    { node: 'web2', readiness: 'unable', why: 'its engine has stopped' },
    { node: 'web3', readiness: 'serves', why: '' },
    { node: 'web4', readiness: 'serves', why: '' },
  ]
  assert.equal(verdict({ candidates }), 'www: held by web1 (this node); web3 or web4 would take over')
})

test('what is held here and does not serve is in the first line', () => {
  const services = [
    aService({ state: 'RESTARTING', reason: 'restart 1 of 2' }),
    aService({ name: 'other', state: 'FAILED' }),
  ]
  assert.equal(
    renderVerdict(aStatus({ services }), plain).join(' '),
    'www: held by web1 (this node); nginx does not serve: RESTARTING, restart 1 of 2; web2 would take over',
  )
})

test('nobody holds; alone in the file', () => {
  assert.equal(verdict({ holder: null }), 'www: held by no node that is known')
  assert.equal(verdict({ candidates: [] }), 'www: held by web1 (this node)')
})

test('instances of which the same is to be said stand together, many are counted', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name }))
  assert.equal(
    verdict(...names, { name: 'x', holder: null }),
    'a, b, c and 3 more: held by web1 (this node); web2 would take over\nx: held by no node that is known',
  )
})
