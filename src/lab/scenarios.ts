import type { Box } from './box.ts'
import { darkenPort, lightPort } from './faults.ts'
import type { Topology } from './topology.ts'

/** One thing that is done to the pair, and who has to serve the virtual address afterwards. */
export type Step = {
  /** Number of the scenario; several steps make one. */
  readonly scenario: number
  /** At most 37 characters: a row of the table. */
  readonly title: string
  /** Does it; resolves when it is done, possibly with a remark for the table. */
  readonly act: () => Promise<string | undefined>
  readonly servedBy: readonly string[]
}

/** What the lab shows with `web1` preferred and `web2` its backup. */
export function planScenarios(web1: Box, web2: Box, topology: Topology): readonly Step[] {
  const first = [web1.name]
  const second = [web2.name]
  const either = [web1.name, web2.name]
  const { nginx } = web1
  return [
    step(1, 'nginx killed (kill -9)', first, () => nginx.signal('SIGKILL')),
    step(2, 'nginx misconfigured, then killed', second, async () => {
      await nginx.breakConfig()
      await nginx.signal('SIGKILL')
    }),
    step(2, 'nginx repaired and started', first, async () => {
      await nginx.repairConfig()
      await nginx.start()
    }),
    step(3, 'nginx hangs (SIGSTOP), port still open', either, () => nginx.signal('SIGSTOP')),
    step(3, 'nginx runs again', first, () => nginx.signal('SIGCONT')),
    step(4, 'engine stopped (SIGTERM)', second, () => web1.engine().stop()),
    step(4, 'engine started again', first, async () => web1.startEngine()),
    {
      scenario: 5,
      title: 'haup failover',
      servedBy: second,
      act: async () => told(await web1.haup('failover', '--run-dir', web1.runDir)),
    },
    step(5, 'haup failover --back', first, () => web1.haup('failover', '--back', '--run-dir', web1.runDir)),
    step(6, 'engine killed (kill -9)', second, async () => {
      web1.engine().signal('SIGKILL')
      await web1.engine().exited
    }),
    step(6, 'engine started again', first, async () => web1.startEngine()),
    step(7, 'switch port goes dark', second, () => darkenPort(topology, web1.host)),
    step(7, 'switch port lit again', first, () => lightPort(topology, web1.host)),
  ]
}

const step = (scenario: number, title: string, servedBy: readonly string[], act: () => Promise<unknown>): Step => ({
  scenario,
  title,
  servedBy,
  act: async () => {
    await act()
    return undefined
  },
})

const told = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string | undefined =>
  `${stdout}\n${stderr}`.split('\n').find((line) => line.trim() !== '')
