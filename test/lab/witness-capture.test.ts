import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCaptured } from '../../src/lab/witness-capture.ts'

/** Lines as tcpdump 4.99 writes them (`-n -e -t`). */
const MAC = '1a:2b:3c:4d:5e:6f'
const VIP = '192.0.2.100'
const read = (line: string) => readCaptured(line, VIP)

const arp = (text: string) => `${MAC} > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: ${text}, length 28`
const tcp = (text: string) => `${MAC} > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 58: ${text}`

test('an ARP answer for the address is a claim of whoever sent the frame', () => {
  assert.deepEqual(read(arp(`Reply ${VIP} is-at 00:00:5e:00:01:4d`)), { kind: 'claims', mac: MAC })
  assert.equal(read(arp(`Reply 192.0.2.1 is-at ${MAC}`)), undefined)
})

test('only a request for its own sender is an announcement', () => {
  assert.deepEqual(read(arp(`Announcement ${VIP}`)), { kind: 'announces', mac: MAC })
  assert.deepEqual(read(arp(`Request who-has ${VIP} (ff:ff:ff:ff:ff:ff) tell ${VIP}`)), { kind: 'announces', mac: MAC })
  assert.equal(read(arp(`Request who-has ${VIP} tell 192.0.2.14`)), undefined)
  assert.equal(read(arp('Announcement 192.0.2.11')), undefined)
})

test('a SYN to the address is a question, a SYN-ACK from it an answer, a reset neither', () => {
  const out = `192.0.2.14.1030 > ${VIP}.80: Flags`
  const back = `${VIP}.80 > 192.0.2.14.1030: Flags`
  assert.deepEqual(read(tcp(`${out} [S], seq 1000, win 65535, length 0`)), { kind: 'asked', port: 1030 })
  assert.deepEqual(read(tcp(`${back} [S.], seq 5, ack 1001, win 64240, length 0`)), {
    kind: 'accepts',
    mac: MAC,
    port: 1030,
  })
  assert.equal(read(tcp(`${back} [R.], seq 0, ack 1001, win 0, length 0`)), undefined)
  assert.equal(read(tcp(`${out} [R], seq 1001, win 0, length 0`)), undefined)
})

test('anything else tells nothing', () => {
  for (const line of ['', 'reading from', tcp('192.0.2.1 > 192.0.2.2: ICMP echo request')]) {
    assert.equal(read(line), undefined)
  }
})
