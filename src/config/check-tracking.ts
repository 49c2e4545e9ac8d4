import { LAST_RESORT, OWNER } from '../engine/vrrp/types.ts'
import { errorAt, type Finding, type Path, warningAt } from './finding.ts'
import { nearest } from './nearest.ts'
import type { ClusterConfig, InstanceConfig } from './types.ts'

/** Checks of what the instances track: services exist, are used, and lowering a priority can move an address. PURE. */
export function checkTracking(config: ClusterConfig): Finding[] {
  const tracked = new Set(config.instances.flatMap(({ track }) => track.map(({ service }) => service)))
  const unused = config.services.filter(({ name }) => !tracked.has(name))
  return [
    ...config.instances.flatMap((instance) => [...checkServices(instance, config), ...checkLowering(instance)]),
    ...unused.map(({ name }): Finding => {
      const message = 'is tracked by no instance: its failure moves nothing'
      return {
        ...warningAt(['services', name], message, `add "- ${name}" to the track list of an instance`),
        at: 'key',
      }
    }),
  ]
}

const trackPath = (instance: InstanceConfig, index: number): Path => ['instances', instance.name, 'track', index]

function checkServices(instance: InstanceConfig, { services }: ClusterConfig): Finding[] {
  const names = services.map(({ name }) => name)
  return instance.track.flatMap(({ service }, index) => {
    const path = [...trackPath(instance, index), 'service']
    if (!names.includes(service)) {
      const near = nearest(service, names)
      const known = names.length === 0 ? 'describe it below services:' : `services are: ${names.join(', ')}`
      return [errorAt(path, `${service} is no service`, near === undefined ? known : `did you mean ${near}?`)]
    }
    const isRepeated = instance.track.slice(0, index).some((other) => other.service === service)
    return isRepeated ? [errorAt(path, `${service} is tracked twice`, 'keep one of the two entries')] : []
  })
}

/** keepalived's well known trap: a weight too small, or nobody who preempts, and the address never moves. */
function checkLowering(instance: InstanceConfig): Finding[] {
  return instance.track.flatMap(({ onFailure }, index) => {
    if (onFailure.kind === 'release') return []
    const why = whyUseless(instance, onFailure.by)
    if (why === undefined) return []
    const path = [...trackPath(instance, index), 'on_failure', 'lower_priority']
    return [errorAt(path, `${onFailure.by} can never move the address: ${why.message}`, why.remedy)]
  })
}

function whyUseless(
  { preempt, priority }: InstanceConfig,
  by: number,
): { message: string; remedy: string } | undefined {
  const release = 'write on_failure: release'
  if (!preempt) {
    return { message: 'with preempt: false nobody takes over from a master that is merely lower', remedy: release }
  }
  const ranked = Object.entries(priority).toSorted(([, a], [, b]) => b - a)
  const [highest, lowest] = [ranked[0], ranked.at(-1)]
  if (highest === undefined || lowest === undefined || ranked.length < 2) return undefined
  if (highest[1] === OWNER)
    return { message: `${highest[0]} is the owner (255), who is never lowered`, remedy: release }
  // An effective priority does not go below LAST_RESORT + 1, so that is what the lowest node must be above.
  if (lowest[1] <= LAST_RESORT + 1) {
    const remedy = `give ${lowest[0]} a priority of at least ${LAST_RESORT + 2}, or ${release}`
    return { message: `nobody gets below the ${lowest[1]} of ${lowest[0]}`, remedy }
  }
  const minimum = highest[1] - lowest[1] + 1
  if (by >= minimum) return undefined
  const message = `${highest[0]} would have ${highest[1] - by}, still not below the ${lowest[1]} of ${lowest[0]}`
  return { message, remedy: `write at least ${minimum}, or ${release}` }
}
