import type { ClusterConfig, InstanceConfig, VirtualAddress } from '../../../src/config/types.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { instance, service } from './support.ts'

/** What simulated nodes are set up with: each of them as good as the one before, less ten. */
export type ClusterShape = {
  readonly instances?: readonly Partial<InstanceConfig>[] | undefined
  readonly paths?: number | undefined
  readonly config?: Partial<ClusterConfig> | undefined
}

const virtualOf = (index: number): VirtualAddress => ({
  address: { address: `192.0.2.${100 + index}` as Ipv4, length: 24 },
  interface: undefined,
  label: undefined,
})

export const addressOf = (index: number): Ipv4 => `192.0.2.${11 + index}` as Ipv4

export function configOf(
  names: readonly string[],
  { instances = [{}], paths = 0, config }: ClusterShape,
): ClusterConfig {
  const priority = Object.fromEntries(names.map((name, index) => [name, 250 - 10 * index]))
  return {
    cluster: 'shop',
    nodes: names.map((name, index) => ({
      name,
      address: addressOf(index),
      interface: undefined,
      kind: 'haup',
      paths: Array.from({ length: paths }, (_, path) => `198.51.${100 + path}.${11 + index}` as Ipv4),
    })),
    instances: instances.map((each, index) =>
      instance({
        priority,
        vrid: 77 + index,
        name: index === 0 ? 'www' : `www${index + 1}`,
        virtualAddresses: [virtualOf(index)],
        ...each,
      }),
    ),
    services: [service],
    notify: undefined,
    peer: { keyFile: 'cluster.key', keys: [new Uint8Array(32)], port: 7112 },
    witnesses: [],
    quorum: 'none',
    fencing: undefined,
    ...config,
  }
}
