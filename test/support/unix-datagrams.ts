import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

/** A real unix datagram socket that receives; Node has none, so a small child does it. */
export type DatagramReceiver = {
  /** `/path`, or `@name`. */
  readonly name: string
  /** The next datagram that came or comes. */
  readonly next: () => Promise<Buffer>
}

const PROGRAM = `
import socket, sys
name = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind("\\0" + name[1:] if name[0] == "@" else name)
print("ready", flush=True)
while True:
    print(receiver.recv(1 << 20).hex(), flush=True)
`

export async function receiveDatagrams(t: TestContext, abstract = false): Promise<DatagramReceiver> {
  const directory = mkdtempSync(join(tmpdir(), 'haup-datagrams-'))
  const name = abstract ? `@haup-test-${process.pid}-${directory.slice(-6)}` : join(directory, 'socket')
  const child = spawn('python3', ['-c', PROGRAM, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(async () => {
    child.kill('SIGKILL')
    await once(child, 'close')
    rmSync(directory, { recursive: true })
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async (): Promise<string> => {
    const line = await lines.next()
    if (line.done === true) throw new Error('the receiver has ended')
    return line.value
  }
  await nextLine()
  return { name, next: async () => Buffer.from(await nextLine(), 'hex') }
}
