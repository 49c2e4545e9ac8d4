import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import * as z from 'zod'
import { haupProgram } from '../../src/lab/box.ts'
import { labOfNamespace, listNamespaces } from '../../src/lab/topology.ts'

const startLab = (...options: readonly string[]) => {
  const [file = '', ...args] = [...haupProgram(), 'lab', ...options]
  return spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

const labs = async () => new Set((await listNamespaces()).map(labOfNamespace).filter((id) => id !== undefined))

test('haup lab: every scenario ends as told, set up by haup init', async () => {
  const lab = startLab('--json')
  const [output, [code]] = await Promise.all([text(lab.stdout), once(lab, 'exit')])
  assert.equal(code, 0)
  const { lab: id, kept, steps } = resultSchema.parse(JSON.parse(output))
  assert.equal(kept, false)
  assert.ok(!(await labs()).has(id), 'it has removed itself')
  const last = (title: string) => steps.find((step) => step.title.startsWith(title))?.view.path.at(-1)
  assert.equal(last('nginx killed'), 'web1')
  assert.equal(last('nginx misconfigured'), 'web2')
  assert.equal(last('nginx repaired'), 'web1')
  assert.equal(last('engine stopped'), 'web2')
  assert.equal(last('haup failover'), 'web2')
  assert.equal(last('switch port goes dark'), 'web2')
  assert.equal(steps.at(-1)?.view.path.at(-1), 'web1')
  assert.deepEqual([...new Set(steps.map((step) => step.scenario))], [1, 2, 3, 4, 5, 6, 7])
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`haup lab removes everything when ${signal} comes in the middle`, async () => {
    const lab = startLab()
    const ended = once(lab, 'exit')
    const lines = createInterface({ input: lab.stdout })
    let mine: string | undefined
    for await (const line of lines) {
      mine ??= /^lab ([0-9a-f]+): /.exec(line)?.[1]
      if (line.startsWith('1. web1:')) lab.kill(signal)
    }
    assert.deepEqual(await ended, [130, null])
    assert.ok(mine !== undefined && !(await labs()).has(mine))
  })
}

const resultSchema = z.object({
  lab: z.string(),
  kept: z.boolean(),
  steps: z.array(z.object({ scenario: z.number(), title: z.string(), view: z.object({ path: z.array(z.string()) }) })),
})
