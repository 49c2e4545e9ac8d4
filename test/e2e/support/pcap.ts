import { internetChecksum } from '../../../src/engine/vrrp/checksum.ts'

/** Reads what `tcpdump -w -` writes (little-endian pcap with microseconds), in any pieces. */

const FILE_HEADER = 24
const RECORD_HEADER = 16

/** Returns the function that is fed; each whole frame is handed on at once. */
export function createPcapReader(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0)
  let headerLeft = FILE_HEADER
  return (chunk) => {
    pending = Buffer.concat([pending, chunk])
    if (pending.length < headerLeft) return
    pending = pending.subarray(headerLeft)
    headerLeft = 0
    while (pending.length >= RECORD_HEADER) {
      const end = RECORD_HEADER + pending.readUInt32LE(8)
      if (pending.length < end) return
      onFrame(pending.subarray(RECORD_HEADER, end))
      pending = pending.subarray(end)
    }
  }
}

/** Between namespaces a kernel leaves the checksums of UDP and TCP to hardware that is not there. */
export function complete(frame: Buffer): Buffer {
  const header = ((frame[14] ?? 0) & 0x0f) * 4
  const field = { 6: 16, 17: 6 }[frame[23] ?? 0]
  const isWhole = frame.length > 34 && frame.readUInt16BE(12) === 0x0800 && (frame.readUInt16BE(20) & 0x3fff) === 0
  if (!isWhole || field === undefined) return frame
  const payload = frame.subarray(14 + header, 14 + frame.readUInt16BE(16))
  payload.writeUInt16BE(0, field)
  const pseudo = Uint8Array.of(...frame.subarray(26, 34), 0, frame[23] ?? 0, payload.length >> 8, payload.length & 0xff)
  payload.writeUInt16BE(internetChecksum(pseudo, payload) || 0xffff, field)
  return frame
}
