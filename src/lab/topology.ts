import { ipBatch, runOrThrow, runProgram } from './run.ts'

/**
 * A LAN on this machine: one namespace holds a bridge (the switch), every box is a namespace with a veth to it. Nothing
 * appears in the machine's own network; addresses are from 192.0.2.0/24 (RFC 5737) and exist inside the namespaces only.
 */
export type Topology = {
  readonly id: string
  readonly switch: string
  readonly hosts: readonly Host[]
}

export type Host = {
  /** `web1`; also the name of its port at the switch. */
  readonly name: string
  readonly namespace: string
  readonly address: string
}

/** A box's own interface. */
export const INTERFACE = 'eth0'
export const PREFIX_LENGTH = 24
const LAB_PREFIX = 'haup-lab-'
const BRIDGE = 'br0'

export const namespaceOf = (id: string, host: string): string => `${LAB_PREFIX}${id}-${host}`

/** The lab a namespace belongs to; undefined when it is none of ours. */
export const labOfNamespace = (namespace: string): string | undefined => /^haup-lab-([a-z0-9]+)-/.exec(namespace)?.[1]

/** Addresses are given out in order: 192.0.2.11, .12, … */
export const planTopology = (id: string, names: readonly string[]): Topology => ({
  id,
  switch: namespaceOf(id, 'switch'),
  hosts: names.map((name, index) => ({
    name,
    namespace: namespaceOf(id, name),
    address: `192.0.2.${index + 11}`,
  })),
})

/** Builds what is planned. What exists under these names is removed first: building twice gives the same. */
export async function buildTopology(topology: Topology): Promise<void> {
  const namespaces = [topology.switch, ...topology.hosts.map((host) => host.namespace)]
  await removeNamespaces(namespaces)
  await ipBatch(
    undefined,
    namespaces.map((namespace) => `netns add ${namespace}`),
  )
  await ipBatch(topology.switch, [
    // No snooping and no forwarding delay: multicast passes from the first packet on.
    `link add name ${BRIDGE} type bridge mcast_snooping 0 forward_delay 0`,
    `link set dev ${BRIDGE} up`,
    ...topology.hosts.flatMap(({ name, namespace }) => [
      `link add name ${name} type veth peer name ${INTERFACE} netns ${namespace}`,
      `link set dev ${name} master ${BRIDGE} up`,
    ]),
  ])
  for (const host of topology.hosts) await configureHost(host)
}

const configureHost = ({ namespace, address }: Host): Promise<void> =>
  ipBatch(namespace, [
    'link set dev lo up',
    `link set dev ${INTERFACE} addrgenmode none`,
    `addr add ${address}/${PREFIX_LENGTH} dev ${INTERFACE}`,
    `link set dev ${INTERFACE} up`,
  ])

/** Names of all namespaces on this machine. */
export async function listNamespaces(): Promise<readonly string[]> {
  const lines = (await runOrThrow(['ip', 'netns', 'list'])).split('\n')
  return lines.map((line) => line.split(' ')[0] ?? '').filter((name) => name !== '')
}

/** Everything that runs in a namespace. */
export async function pidsIn(namespace: string): Promise<readonly number[]> {
  const { stdout } = await runProgram(['ip', 'netns', 'pids', namespace])
  return stdout
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map(Number)
}

/** Removes those that exist; a veth goes with either of its ends. */
export async function removeNamespaces(names: readonly string[]): Promise<void> {
  const existing = new Set(await listNamespaces())
  const commands = names.filter((name) => existing.has(name)).map((name) => `netns del ${name}`)
  if (commands.length > 0) await ipBatch(undefined, commands)
}
