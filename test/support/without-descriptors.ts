import { openSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openNetlink } from '../../src/engine/io/netlink.ts'
import { native } from '../../src/native/index.ts'
import { listProcesses } from '../../src/probes/process-table.ts'
import { runCommand } from '../../src/probes/run-command.ts'
import { startServer } from '../../src/probes/start-server.ts'
import { probeTcp } from '../../src/probes/tcp.ts'
import { messageOf } from '../../src/shared/errors.ts'
import { fromSeconds } from '../../src/shared/units.ts'

/** A process that has used up all its descriptors but `--left`, and does what an engine does. Prints what came of it. */

const { values } = parseArgs({ options: { left: { type: 'string', default: '0' } } })
const { signal } = new AbortController()

const actions: Readonly<Record<string, () => unknown>> = {
  command: async () => (await runCommand({ argv: ['true'] }, signal)).end,
  server: () => startServer(['true'], 1_000),
  processes: async () => (await listProcesses()).length > 0,
  netlink: () => {
    const opened = openNetlink({ protocol: 0, groups: [1] })
    if (opened.ok) opened.value.close()
    return opened.ok ? 'open' : opened.error.code
  },
  tcp: async () => (await probeTcp({ host: '127.0.0.1', port: 9 }, { limit: fromSeconds(1), signal })).detail,
  interface: () => native().interfaceByName('lo').index,
}

// What is opened at the first call stands, as in an engine that runs.
native().interfaceByName('lo')
const taken: number[] = []
try {
  for (;;) taken.push(openSync('/dev/null', 'r'))
} catch {
  for (const descriptor of taken.splice(0, Number(values.left))) native().closeDescriptor(descriptor)
}
async function actAll(): Promise<Readonly<Record<string, unknown>>> {
  const found: Record<string, unknown> = {}
  for (const [name, act] of Object.entries(actions)) {
    try {
      found[name] = await act()
    } catch (thrown) {
      found[name] = `THROWN ${messageOf(thrown)}`
    }
  }
  return found
}

async function countFree(): Promise<number> {
  // What has been closed may need a turn of the loop for it.
  await new Promise((resolve) => setTimeout(resolve, 20))
  const free: number[] = []
  try {
    for (;;) free.push(openSync('/dev/null', 'r'))
  } catch {
    for (const descriptor of free) native().closeDescriptor(descriptor)
    return free.length
  }
}

const found = await actAll()
// Node has opened what it keeps.
const before = await countFree()
await actAll()
process.stdout.write(JSON.stringify({ ...found, lost: before - (await countFree()) }))
process.exit()
