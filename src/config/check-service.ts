import type { ServiceConfig } from '../probes/types.ts'
import { formatDuration, type Micros, micros } from '../shared/units.ts'
import type { IsWritten } from './check.ts'
import { errorAt, type Finding, type Path, warningAt } from './finding.ts'
import type { ClusterConfig } from './types.ts'

/** Checks of one service: its times against each other, and that its restarts can come to an end. PURE. */
export function checkService(service: ServiceConfig, config: ClusterConfig, isWritten: IsWritten): Finding[] {
  const path = ['services', service.name]
  return [
    ...checkTargets(service, config, path),
    ...checkTimes(service, path),
    ...checkRestart(service, path, isWritten),
  ]
}

/** A backup has no virtual address: its probes of one would judge the master's server. */
function checkTargets({ probes }: ServiceConfig, { instances }: ClusterConfig, path: Path): Finding[] {
  const virtual = instances.flatMap(({ virtualAddresses }) =>
    virtualAddresses.map(({ address }): string => address.address),
  )
  return probes.flatMap((probe, index) => {
    const host = probe.kind === 'tcp' ? probe.host : probe.kind === 'http' ? new URL(probe.url).hostname : undefined
    if (host === undefined || !virtual.includes(host)) return []
    const message = `${host} is a virtual address: a standby would ask the master instead of its own server`
    return [
      warningAt(
        [...path, 'probes', index, probe.kind],
        message,
        'probe 127.0.0.1, with host: where the site needs its name',
      ),
    ]
  })
}

/** How many intervals a timeout may last before it decides alone how late a hang is seen. */
const LONG_TIMEOUT = 5

function checkTimes({ interval, timeout, fall }: ServiceConfig, path: Path): Finding[] {
  if (timeout <= interval * LONG_TIMEOUT) return []
  const seen = formatDuration(micros(fall * (interval + timeout)))
  const message = `${formatDuration(timeout)} is long beside the interval of ${formatDuration(interval)}`
  return [
    warningAt([...path, 'timeout'], `${message}: a server that hangs is seen after ${seen}`, 'shorten the timeout'),
  ]
}

function checkRestart(service: ServiceConfig, path: Path, isWritten: IsWritten): Finding[] {
  if (service.restart.kind === 'none') return checkWithoutRestart(path, isWritten)
  const { restarts, within } = service.budget
  if (restarts === 0) {
    return [warningAt([...path, 'restart_budget'], 'allows no restart at all', 'write restart: none, or a budget')]
  }
  const neverEnds = restarts * service.settle < within ? [] : [neverUsedUp(service.settle, service.budget, path)]
  return [...neverEnds, ...checkReplacing(service, path)]
}

/** A server that hangs still listens; systemd ends it before it starts another one, a bare command cannot. */
function checkReplacing({ restart }: ServiceConfig, path: Path): Finding[] {
  if (restart.kind !== 'command' || restart.pidFile !== undefined) return []
  const message = 'names no pid_file: a server that hangs keeps its port, and no other one can be started'
  return [warningAt([...path, 'restart'], message, "add pid_file: with the path of the server's pid file")]
}

/** Restarts that fail come `settle` apart: a window that holds fewer than allowed is never used up. */
function neverUsedUp(settle: Micros, { restarts, within }: ServiceConfig['budget'], path: Path): Finding {
  const message = `is never used up: ${restarts} failed restarts take ${formatDuration(micros(restarts * settle))}`
  const enough = Math.ceil((restarts * settle) / 1_000_000) + 1
  const remedy = `write "${restarts} within ${enough}s" or more, or shorten settle`
  return errorAt(
    [...path, 'restart_budget'],
    `${message}, and ${formatDuration(within)} forgets the first of them`,
    remedy,
  )
}

function checkWithoutRestart(path: Path, isWritten: IsWritten): Finding[] {
  return ['restart_budget', 'config_test', 'settle', 'patience']
    .filter((key) => isWritten([...path, key]))
    .map((key): Finding => {
      const finding = warningAt([...path, key], 'has no effect with restart: none', 'remove it, or say how to restart')
      return { ...finding, at: 'key' }
    })
}
