import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeArp } from '../../src/engine/vrrp/arp.ts'
import { internetChecksum } from '../../src/engine/vrrp/checksum.ts'
import { judge, type Wave } from './support/attack.ts'
import { datagrams, type Field, forgedAdverts, forgedArp, halfConnections, replayed } from './support/attack-frames.ts'

const field: Field = {
  nodes: [
    { address: '192.0.2.11', mac: [2, 0, 0, 0, 0, 1] },
    { address: '192.0.2.12', mac: [2, 0, 0, 0, 0, 2] },
  ],
  virtual: '192.0.2.100',
  bystanders: ['192.0.2.14'],
  seed: 7,
}

test('the kernel drops none of the forged adverts: each header is right, whatever stands in it', () => {
  const frames = forgedAdverts(field)
  assert.ok(frames.length > 200, `${frames.length} frames`)
  for (const frame of frames)
    assert.equal(internetChecksum(frame.subarray(14, 34)), 0, Buffer.from(frame).toString('hex'))
  assert.deepEqual(new Set(frames.map((frame) => frame[22])), new Set([0, 1, 64, 254, 255]), 'TTLs')
  assert.ok(frames.some((frame) => frame[36] === 0) && frames.some((frame) => frame[36] === 255), 'priorities')
})

test('the same seed forges the same', () => {
  assert.deepEqual(forgedAdverts(field), forgedAdverts(field))
  assert.notDeepEqual(forgedAdverts(field), forgedAdverts({ ...field, seed: 8 }))
  assert.deepEqual(datagrams(field), datagrams(field))
})

test('forged ARP announces and answers for each address', () => {
  const heard = forgedArp(['192.0.2.11', '192.0.2.100']).map(decodeArp)
  assert.deepEqual(
    heard.map((packet) => packet?.address),
    ['192.0.2.11', '192.0.2.11', '192.0.2.100', '192.0.2.100'],
  )
})

test('floods reach every node, at its own hardware address', () => {
  for (const frames of [datagrams(field), halfConnections(field)])
    assert.deepEqual(new Set(frames.map((frame) => frame[5])), new Set([1, 2]))
})

test('what is replayed comes from the port of the attacker, and is otherwise the same', () => {
  const [frame] = datagrams(field)
  assert.ok(frame !== undefined)
  const recorded = Uint8Array.of(...frame.subarray(0, 6), 2, 0, 0, 0, 0, 9, ...frame.subarray(12))
  assert.deepEqual(replayed([recorded]), [frame])
})

const wave: Wave = {
  name: 'forged adverts, 1/s',
  sent: 10,
  gapMs: 0,
  plainGapMs: 0,
  twoMs: 0,
  logLines: 1,
  stateChanges: 0,
}

test('an attack that clients do not notice is no problem; one lost request is', () => {
  assert.deepEqual(judge([wave, wave]), [])
  assert.match(judge([{ ...wave, gapMs: 30 }]).join(), /not served for 30 ms, a plain server for 0 ms/)
})

test('what a plain server suffers too is no problem, and more than that is', () => {
  assert.deepEqual(judge([{ ...wave, gapMs: 3_050, plainGapMs: 3_000 }]), [])
  assert.match(judge([{ ...wave, gapMs: 3_500, plainGapMs: 3_000 }]).join(), /not served for 3500 ms/)
})

test('two holders are a problem, and so is a log that an attacker can fill', () => {
  assert.match(judge([{ ...wave, twoMs: 20 }]).join(), /two holders for 20 ms/)
  assert.match(
    judge([
      { ...wave, logLines: 60 },
      { ...wave, logLines: 40 },
    ]).join(),
    /100 log lines/,
  )
})
