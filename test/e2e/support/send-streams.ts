import { connect, type Socket } from 'node:net'
import { json } from 'node:stream/consumers'
import { parseStreamOrder } from './attack.ts'

/**
 * A program of its own, run inside a namespace: opens connections to each address of its order (JSON on standard input) in
 * turn, says nonsense, and keeps them open until the time is over; tells how many were accepted.
 */
const { addresses, port, perSecond, lastsMs } = parseStreamOrder(await json(process.stdin))
/** Length prefixes, TLS hellos, HTTP: whatever a server may take for the beginning of something. */
const NONSENSE = ['ffffffff', '00000000', '16030100', '474554202f20485454502f312e310d0a0d0a'].map((hex) =>
  Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(2_000, 0x41)]),
)
const open = new Set<Socket>()
let [begun, accepted] = [0, 0]

const timer = setInterval(() => {
  const socket = connect({ host: addresses[begun % addresses.length] ?? '', port })
  const nonsense = NONSENSE[begun % NONSENSE.length] ?? ''
  begun += 1
  open.add(socket)
  socket.on('connect', () => {
    accepted += 1
    socket.write(nonsense)
  })
  // Refused or cut off: that is what it is for.
  socket.on('error', () => undefined)
  socket.on('close', () => open.delete(socket))
}, 1_000 / perSecond)

setTimeout(() => {
  clearInterval(timer)
  for (const socket of open) socket.destroy()
  process.stdout.write(`${accepted}\n`)
}, lastsMs)
