import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { acceptedAmong, isAccepted } from '../../src/probes/accepted.ts'
import { parseTcpTable } from '../../src/probes/tcp-table.ts'

const acceptedIn = (table: string, serverPort: number, clientPort: number) =>
  acceptedAmong(parseTcpTable(table), serverPort, clientPort)

const LINE = (local: string, remote: string, state: string, inode: number): string =>
  `   1: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 20 4 30 10 -1`

test('what waits in the queue of a listening socket has no inode yet', () => {
  const listening = LINE('00000000:0050', '00000000:0000', '0A', 5)
  const table = (inode: number): string =>
    [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      listening,
      LINE('0100007F:C350', '0100007F:0050', '01', 77),
      LINE('0100007F:0050', '0100007F:C351', '01', 78),
      LINE('0100007F:0050', '0100007F:C350', '01', inode),
    ].join('\n')
  assert.equal(acceptedIn(table(0), 80, 50_000), false)
  assert.equal(acceptedIn(table(79), 80, 50_000), true)
  assert.equal(acceptedIn(table(79), 80, 50_002), undefined)
  assert.equal(acceptedIn(table(0).replaceAll(' 01 ', ' 08 '), 80, 50_000), undefined, 'it has ended')
  assert.equal(acceptedIn('', 80, 50_000), undefined)
})

test('the kernel tells of a connection that a server has taken', async (t) => {
  const server = createServer()
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const taken = once(server, 'connection')
  const client = connect(port, '127.0.0.1')
  t.after(() => client.destroy())
  const [socket] = await taken
  t.after(() => socket.destroy())
  assert.equal(await isAccepted(port, client.localPort ?? 0), true)
})
