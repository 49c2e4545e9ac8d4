import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSilence, parseReceived, readReceived } from '../../../src/engine/io/received.ts'

const TEXT = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:  168220    1932    0    0    0     0          0         0   168220    1932    0    0    0     0       0          0
eth0.7:12345678901 88    0    0    0     0          0         0        0       0    0    0    0     0       0          0
`

test('packets, by interface, also where a number touches the name', () => {
  assert.deepEqual(
    [...parseReceived(TEXT)],
    [
      ['lo', 1_932],
      ['eth0.7', 88],
    ],
  )
})

test('this machine has a loopback interface, and no interface of another name', () => {
  assert.ok((readReceived('lo') ?? -1) >= 0)
  assert.equal(readReceived('haup-none'), undefined)
})

test('silence lasts from the first look at which nothing has come in', () => {
  let packets: number | undefined = 5
  const { lasts } = createSilence(() => packets)
  assert.deepEqual([lasts('eth0', 100), lasts('eth0', 300), lasts('eth0', 700)], [0, 200, 600])
  packets = 6
  assert.deepEqual([lasts('eth0', 800), lasts('eth0', 900)], [0, 100])
  packets = undefined
  assert.equal(lasts('eth0', 2_000), 0)
  packets = 6
  assert.deepEqual([lasts('eth0', 3_000), lasts('eth1', 3_500), lasts('eth0', 3_600)], [0, 0, 600])
})

test('silence is whole while nothing has come in since the first of the looks that go on', () => {
  let packets = 5
  const { lasts, isWhole } = createSilence(() => packets)
  const look = (now: number): boolean => {
    lasts('eth0', now)
    return isWhole('eth0', 500)
  }
  assert.equal(isWhole('eth0', 500), false)
  assert.deepEqual([look(0), look(400), look(900)], [false, false, true])
  packets = 6
  assert.deepEqual([look(1_400), look(1_900), look(2_900)], [false, false, false], 'something has come in')
  assert.deepEqual([look(5_000), look(5_600)], [false, true], 'about something else')
})
