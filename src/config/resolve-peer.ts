import type { ConfigDocument, WitnessDocument } from './schema.ts'
import type { LeaseStore, PeerConfig, Witness, WitnessTarget } from './types.ts'

/** The peer channel and the witnesses, from the file's form to the program's. PURE. */

const DEFAULT_PREFIX = '/haup'

/** The keys are not in the document: load.ts reads them from their file. */
export const resolvePeer = (peer: ConfigDocument['peer']): PeerConfig | undefined =>
  peer === undefined ? undefined : { keyFile: peer.key_file, keys: [], port: peer.port }

export function resolveWitness({ name, lease, interval, timeout, rise, fall, ...given }: WitnessDocument): Witness {
  if (lease === undefined) {
    return { kind: 'reachability', name, target: resolveTarget(given), interval, timeout, rise, fall }
  }
  const { ttl, ca, cert, key, user } = lease
  const own = cert === undefined || key === undefined ? undefined : { cert, key }
  const login = user === undefined ? undefined : { user, password: undefined }
  return { kind: 'arbiter', name, store: resolveStore(lease), ttl, timeout, tls: { ca, own }, login }
}

type Targets = Pick<WitnessDocument, 'ping' | 'arp' | 'tcp' | 'http'>

/** The schema has made sure that exactly one is given. */
function resolveTarget({ ping, arp, tcp, http }: Targets): WitnessTarget {
  if (ping !== undefined) return { kind: 'ping', address: ping }
  if (arp !== undefined) return { kind: 'arp', address: arp }
  if (tcp !== undefined) return { kind: 'tcp', ...tcp }
  if (http !== undefined) return { kind: 'http', url: http }
  throw new Error('a witness of no kind passed the schema')
}

function resolveStore({ http, etcd, prefix }: NonNullable<WitnessDocument['lease']>): LeaseStore {
  if (http !== undefined) return { kind: 'http', url: http }
  return { kind: 'etcd', endpoints: etcd ?? [], prefix: prefix ?? DEFAULT_PREFIX }
}
