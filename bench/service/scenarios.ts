import { signalPid } from '../../src/lab/process.ts'
import type { Contender } from '../holders/contender.ts'

/** What is done to the web server of web1, which holds the address. */
export type Scenario = {
  readonly title: string
  readonly act: (pair: Contender) => Promise<void>
  /** What the client may go without at most, median, milliseconds; the client's resolution of 20 ms comes on top. */
  readonly goalMs: number
  /** Whether the address must stay where it is. */
  readonly stays: boolean
}

export const SCENARIOS: readonly Scenario[] = [
  { title: 'killed', act: ({ web1 }) => web1.nginx.signal('SIGKILL'), goalMs: 100, stays: true },
  {
    title: 'main process alone killed',
    act: async ({ web1 }) => {
      const main = await web1.nginx.pid()
      if (main !== undefined) signalPid(main, 'SIGKILL')
    },
    goalMs: 100,
    stays: true,
  },
  {
    title: 'killed, configuration broken',
    act: async ({ web1 }) => {
      await web1.nginx.breakConfig()
      await web1.nginx.signal('SIGKILL')
    },
    // Handed over by the channel: VRRP alone would wait for the backup's skew, 609 ms.
    goalMs: 150,
    stays: false,
  },
  {
    title: 'hung (stopped)',
    // On average half a second until it is asked, then two connections that are not accepted within 250 ms, then restarted.
    act: ({ web1 }) => web1.nginx.signal('SIGSTOP'),
    goalMs: 1_000,
    stays: true,
  },
  {
    title: 'answers 500',
    // On average half a second until it is asked, again after 100 ms, a restart that does not help, and the other one serves.
    act: ({ web1 }) => web1.nginx.answer500(),
    goalMs: 900,
    stays: false,
  },
]
