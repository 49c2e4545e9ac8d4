import { createSocket } from 'node:dgram'

/**
 * A program of its own, run inside a namespace: a resolver on port 53 of the first address given that has the second one for
 * every name. After SIGUSR2 it swallows all queries, after SIGUSR1 it answers again.
 */
const [, , listen = '', answer = ''] = process.argv
let swallows = false
process.on('SIGUSR2', () => {
  swallows = true
  process.stdout.write('swallows\n')
})
process.on('SIGUSR1', () => {
  swallows = false
  process.stdout.write('answers\n')
})

const TYPE_A = 1
const HEADER = 12

/** A query's header and question with the answer behind them; for anything but A: no record of that type. */
function reply(query: Buffer): Buffer {
  let end = HEADER
  while ((query[end] ?? 0) !== 0) end += 1 + (query[end] ?? 0)
  const question = query.subarray(HEADER, end + 5)
  const isA = query.readUInt16BE(end + 1) === TYPE_A
  const header = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0])
  if (!isA) return Buffer.concat([header, question])
  // The name by a pointer to the question; type A, class IN, no time to live, four bytes.
  const record = [0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, ...answer.split('.').map(Number)]
  return Buffer.concat([header, question, Buffer.from(record)])
}

const socket = createSocket('udp4')
socket.on('message', (query, from) => {
  if (!swallows) socket.send(reply(query), from.port, from.address)
})
socket.bind(53, listen, () => process.stdout.write('answers\n'))
