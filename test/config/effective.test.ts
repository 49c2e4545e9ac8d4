import assert from 'node:assert/strict'
import { test } from 'node:test'
import { effectiveYaml } from '../../src/config/effective.ts'
import { interpretConfig } from '../../src/config/interpret.ts'
import { configOf, VALID } from './fixture.ts'

const shown = (text: string): string => {
  const draft = interpretConfig(text, 'haup.yaml')
  assert.ok(draft.ok)
  return effectiveYaml(draft.value.document)
}

const SHORT = `
cluster: c
nodes: {a: {address: 192.0.2.1}, b: {address: 192.0.2.2}}
instances: {i: {vrid: 1, priority: {a: 200, b: 100}, virtual_addresses: [192.0.2.9], track: [s]}}
services: {s: {probes: [{http: {url: "http://127.0.0.1/", body_regex: 'o+\\d'}}], interval: 1500us, restart: {argv: [/x]}}}`.replace(
  '1500us',
  '100500us',
)

for (const [what, text] of [
  ['a full file', VALID],
  ['a short file', SHORT],
] as const) {
  test(`${what}: what is shown means the same, and is stable`, () => {
    const yaml = shown(text)
    assert.deepEqual(configOf(yaml), configOf(text))
    assert.equal(shown(yaml), yaml)
  })
}

test('defaults are written out', () => {
  const yaml = shown(SHORT)
  for (const line of [
    'version: 2',
    'advert_interval: 1s',
    'announce_refresh: 1s',
    'interval: 100500us',
    'settle: 3s',
  ]) {
    assert.ok(yaml.includes(`${line}\n`), line)
  }
  assert.doesNotMatch(yaml, /checksum|undefined|null/)
  assert.match(shown(VALID), /checksum:\n {6}send: pseudo\n {6}accept: both/)
})
