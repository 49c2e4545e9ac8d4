import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { directoryOf, removeLab, removeLeftOverLabs } from '../../src/lab/cleanup.ts'
import { buildLab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { isAlive } from '../../src/lab/process.ts'
import { labOfNamespace, listNamespaces, pidsIn } from '../../src/lab/topology.ts'

const namespacesOf = async (id: string) => (await listNamespaces()).filter((name) => labOfNamespace(name) === id)

test('a lab is a LAN with web servers; removing it leaves no namespace, no process, no file', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: ['client'] })
  assert.equal((await namespacesOf(lab.id)).length, 4)
  const web2 = lab.box('web2')
  const client = lab.startClient(web2.host.address)
  await client.servedBy('web2', 0)
  await web2.nginx.signal('SIGSTOP')
  const pids = (await Promise.all(lab.topology.hosts.map(({ namespace }) => pidsIn(namespace)))).flat()
  assert.ok(pids.length >= 5, 'two nginx with a worker each, and the client')

  await removeLab(lab.id)
  assert.deepEqual(await namespacesOf(lab.id), [])
  assert.equal(existsSync(directoryOf(lab.id)), false)
  assert.deepEqual(pids.filter(isAlive), [])
})

test('what a box does wrong reaches the client: 500, hanging, dead', async () => {
  await using lab = await buildLab({ boxes: ['web1'], others: ['client'] })
  const { nginx, host } = lab.box('web1')
  const client = lab.startClient(host.address)
  for (const [fault, cure] of [
    [nginx.answer500, nginx.answerNormally],
    [() => nginx.signal('SIGSTOP'), () => nginx.signal('SIGCONT')],
    [() => nginx.signal('SIGKILL'), nginx.start],
  ] as const) {
    await client.servedBy('web1', monotonicMs())
    await fault()
    await client.lost(monotonicMs())
    await cure()
  }
  await client.servedBy('web1', monotonicMs())
})

test('a lab whose process was killed is removed by the clean-up, a running one is not', async () => {
  await using running = await buildLab({ boxes: ['web1'], others: [] })
  const abandoned = await abandonLab()
  assert.equal((await namespacesOf(abandoned)).length, 2)
  assert.ok((await removeLeftOverLabs()).includes(abandoned))
  assert.deepEqual(await namespacesOf(abandoned), [])
  assert.equal(existsSync(directoryOf(abandoned)), false)
  assert.equal((await namespacesOf(running.id)).length, 2)
})

/** A process of its own builds a lab and is killed; resolves with the lab's id. */
async function abandonLab(): Promise<string> {
  const program = join(import.meta.dirname, 'support/build-lab.ts')
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    for await (const id of createInterface({ input: child.stdout })) return id
    throw new Error('no lab was built')
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}
