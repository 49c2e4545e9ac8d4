import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arpProbe, decodeArp, gratuitousArp } from '../../../src/engine/vrrp/arp.ts'
import { CAPTURED_ARP } from './captured.ts'
import { fromHex, ip } from './setting.ts'

test('the frame is byte for byte the one that keepalived sends', () => {
  assert.deepEqual(gratuitousArp(fromHex('02005e10000a'), ip('203.0.113.250')), fromHex(CAPTURED_ARP))
})

test('a hardware address of another length is a bug', () => {
  assert.throws(() => gratuitousArp(fromHex('02005e1000'), ip('203.0.113.250')), RangeError)
})

const MAC = '52540000ab01'
const ARP = '0806000108000604'
/** The answer to a probe, captured from Linux 6.18 over a veth (42 bytes), and the padding that a real wire adds. */
const REPLY = `02005e10000a${MAC}${ARP}0002${MAC}cb0071fa02005e10000a00000000${'00'.repeat(18)}`

test('a probe has no sender address, so that nobody learns from it (RFC 5227 1.1)', () => {
  const expected = `ffffffffffff${MAC}${ARP}0001${MAC}00000000000000000000cb0071fa`
  assert.deepEqual(arpProbe(fromHex(MAC), ip('203.0.113.250')), fromHex(expected))
})

test('what others say is told apart: an announcement, an answer, a probe', () => {
  const address = ip('203.0.113.250')
  const mac = '52:54:00:00:ab:01'
  assert.deepEqual(decodeArp(fromHex(CAPTURED_ARP)), { kind: 'announcement', mac: '02:00:5e:10:00:0a', address })
  assert.deepEqual(decodeArp(fromHex(REPLY)), { kind: 'claim', mac, address })
  assert.deepEqual(decodeArp(arpProbe(fromHex(MAC), address)), { kind: 'probe', mac, address })
  const asReply = fromHex(CAPTURED_ARP)
  asReply[21] = 2
  assert.equal(decodeArp(asReply)?.kind, 'announcement', 'some announce by replies')
})

test('the hardware address that counts is the one in the packet, not that of the frame', () => {
  const relayed = fromHex(REPLY)
  relayed.set(fromHex('02aaaaaaaaaa'), 6)
  assert.equal(decodeArp(relayed)?.mac, '52:54:00:00:ab:01')
})

test('what is not ARP between Ethernet stations with IPv4 tells nothing', () => {
  const changed = (offset: number, value: number): Uint8Array => {
    const frame = fromHex(REPLY)
    frame[offset] = value
    return frame
  }
  const others = [changed(13, 0x00), changed(15, 6), changed(16, 0x86), changed(18, 8), changed(19, 16), changed(21, 3)]
  for (const frame of [...others, fromHex(REPLY).subarray(0, 41), new Uint8Array()]) {
    assert.equal(decodeArp(frame), undefined)
  }
  const nothingAsked = arpProbe(fromHex(MAC), ip('0.0.0.0'))
  assert.equal(decodeArp(nothingAsked), undefined)
})
