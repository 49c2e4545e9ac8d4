import type { ServicePort } from '../engine/ports.ts'
import { fromSeconds } from '../shared/units.ts'
import { runBounded } from './bounded-command.ts'
import { type RestartTools, restartServer } from './restart.ts'
import { runProbe } from './run.ts'

/** How long `nginx -t` may take; it resolves every name of the configuration. */
const CONFIG_TEST_LIMIT = fromSeconds(10)

/**
 * Probes, tests and restarts for the engine; every promise resolves, in bounded time. `signal` ends probes and tests
 * that are under way when the engine stops; a restart is left to end by itself.
 */
export function createServicePort(
  options: { readonly signal?: AbortSignal; readonly tools?: Partial<RestartTools> } = {},
): ServicePort {
  const { signal = new AbortController().signal, tools } = options
  return {
    probe: (service) => Promise.all(service.probes.map((spec) => runProbe(spec, service.timeout, signal))),
    testConfig: (argv) => runBounded(argv, CONFIG_TEST_LIMIT, signal),
    restart: (method) => restartServer(method, tools),
  }
}
