import assert from 'node:assert/strict'
import { test } from 'node:test'
import { internetChecksum } from '../../src/engine/vrrp/checksum.ts'
import { arpRequest, type Knock, resetFrame, synFrame } from '../../src/lab/witness-frames.ts'
import { ipv4FromBytes, ipv4ToBytes } from '../../src/shared/ip.ts'

const address = (last: number) => ipv4FromBytes(Uint8Array.of(192, 0, 2, last))
const knock: Knock = {
  from: { mac: Uint8Array.of(2, 0, 0, 0, 0, 9), address: address(9) },
  fromPort: 0x0405,
  toMac: Uint8Array.of(2, 0, 0, 0, 0, 1),
  to: address(100),
  toPort: 80,
}

test('both checksums of a connection attempt are right', () => {
  const frame = synFrame(knock)
  const tcp = frame.subarray(34)
  const pseudo = Uint8Array.of(...ipv4ToBytes(knock.from.address), ...ipv4ToBytes(knock.to), 0, 6, 0, tcp.length)
  assert.equal(internetChecksum(frame.subarray(14, 34)), 0)
  assert.equal(internetChecksum(pseudo, tcp), 0)
})

test('the attempt goes to the box that is asked, and the reset follows the SYN in sequence', () => {
  const [syn, reset] = [synFrame(knock), resetFrame(knock)]
  assert.deepEqual(syn.subarray(0, 12), Uint8Array.of(...knock.toMac, ...knock.from.mac))
  assert.deepEqual([syn[47], reset[47]], [0x02, 0x04])
  const sequence = (frame: Uint8Array) => new DataView(frame.buffer).getUint32(38)
  assert.equal(sequence(reset) - sequence(syn), 1)
})

test('the ARP request asks everybody for the address and tells who asks', () => {
  const frame = arpRequest(knock.from, knock.to)
  assert.equal(frame.length, 42)
  assert.deepEqual(frame.subarray(0, 6), new Uint8Array(6).fill(0xff))
  assert.deepEqual(frame.subarray(28, 32), ipv4ToBytes(knock.from.address))
  assert.deepEqual(frame.subarray(38, 42), ipv4ToBytes(knock.to))
})
