import { networkInterfaces } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import type { ServicePort } from '../engine/ports.ts'
import { native } from '../native/index.ts'
import { isForWantOfDescriptors } from '../shared/descriptors.ts'
import type { Log } from '../shared/log.ts'
import { fromSeconds } from '../shared/units.ts'
import { createBlindness } from './blindness.ts'
import { runBounded } from './bounded-command.ts'
import { lookForMain } from './main-look.ts'
import { type MainSource, mainSourceOf } from './main-source.ts'
import { type MainWatch, watchMain } from './main-watch.ts'
import { overlapRounds } from './overlap.ts'
import { readProcess } from './process-table.ts'
import { type RestartTools, restartServer } from './restart.ts'
import { runProbe } from './run.ts'

/** How long `nginx -t` may take; it resolves every name of the configuration. */
const CONFIG_TEST_LIMIT = fromSeconds(10)

/**
 * Probes, tests and restarts for the engine; every promise resolves, in bounded time. `signal` ends probes and tests
 * that are under way when the engine stops; a restart is left to end by itself. Main processes are watched by pidfd.
 */
export function createServicePort(
  options: { readonly signal?: AbortSignal; readonly tools?: Partial<RestartTools>; readonly log?: Log } = {},
): ServicePort {
  const { signal = new AbortController().signal, tools } = options
  const blind = createBlindness(options.log ?? (() => undefined))
  const watches = new Map<string, { readonly source: MainSource; readonly watch: MainWatch }>()

  const rounds = overlapRounds(({ probes, timeout }, hungAfter) =>
    Promise.all(probes.map((spec) => runProbe(spec, timeout, signal, hungAfter))),
  )

  return {
    probe: async (service) => {
      const results = blind.judge(service.name, await rounds.next(service))
      if (results.every(({ ok }) => ok)) watches.get(service.name)?.watch.answered()
      return results
    },
    testConfig: (argv) => runBounded(argv, CONFIG_TEST_LIMIT, signal),
    restart: async ({ name, restart }) => {
      rounds.forget(name)
      blind.forget(name)
      const outcome = await restartServer(restart, tools, watches.get(name)?.watch.session())
      watches.get(name)?.watch.seek()
      return outcome
    },
    watch: (services, onChange) => {
      const wanted = new Map(services.map((service) => [service.name, mainSourceOf(service, ownAddresses())]))
      for (const [name, { source, watch }] of watches) {
        if (isDeepStrictEqual(wanted.get(name), source)) continue
        watch.close()
        watches.delete(name)
      }
      for (const [name, source] of wanted) {
        if (watches.has(name)) continue
        const watch = watchMain({
          look: () => lookForMain(source, tools?.systemctl ?? 'systemctl'),
          watchExit: native().watchExit,
          read: readProcess,
          tell: (main) => {
            if (main.kind === 'died') blind.forget(name)
            onChange(name, main)
          },
        })
        watches.set(name, { source, watch })
        watch.seek()
      }
    },
  }
}

function ownAddresses(): readonly string[] {
  try {
    return Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? [])
  } catch (thrown) {
    if (!isForWantOfDescriptors(thrown)) throw thrown
    return []
  }
}
