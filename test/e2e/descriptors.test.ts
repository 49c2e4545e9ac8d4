import assert from 'node:assert/strict'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { test } from 'node:test'
import { startPeers } from './support/peers.ts'

/**
 * The kernel closes a dead engine's descriptors from the highest down, and packet sockets slowly. The sockets by which the
 * gate closes and other nodes get the hint stand above them.
 */

/** By inode: each descriptor of the process that is a socket. */
async function socketsOf(pid: number): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  for (const name of await readdir(`/proc/${pid}/fd`)) {
    // One that was closed since the directory was read is none of those that are meant.
    const target = await readlink(`/proc/${pid}/fd/${name}`).catch(() => '')
    const [, inode] = /^socket:\[(\d+)\]$/.exec(target) ?? []
    if (inode !== undefined) found.set(inode, Number(name))
  }
  return found
}

/** The inodes of the sockets of a kind in the namespace of the process. */
async function inodes(pid: number, kind: string, column: number, wanted = /./): Promise<readonly string[]> {
  const [, ...lines] = (await readFile(`/proc/${pid}/net/${kind}`, 'utf8')).trim().split('\n')
  return lines.filter((line) => wanted.test(line)).map((line) => line.trim().split(/\s+/)[column] ?? '')
}

const NETFILTER = /^\S+\s+12\s/
const ESTABLISHED = /^\s*\d+: \S+ \S+ 01 /

test('when an engine dies, nothing that others wait for is closed behind a packet socket', async () => {
  await using peers = await startPeers()
  for (const box of [peers.web1, peers.web2]) {
    const { pid } = box.engine()
    const sockets = await socketsOf(pid)
    const of = (all: readonly string[]): readonly number[] => all.flatMap((inode) => sockets.get(inode) ?? [])
    const packet = of(await inodes(pid, 'packet', 8))
    const gate = of(await inodes(pid, 'netlink', 9, NETFILTER))
    const streams = of(await inodes(pid, 'tcp', 9, ESTABLISHED))
    assert.ok(packet.length >= 2 && gate.length > 0 && streams.length > 0, JSON.stringify({ packet, gate, streams }))
    assert.ok(Math.max(...packet) < Math.min(...gate, ...streams), JSON.stringify({ packet, gate, streams }))
  }
})
