import { type Finding, type Path, warningAt } from './finding.ts'
import type { ClusterConfig, Witness } from './types.ts'

/** Checks of host names where addresses would do: a resolver that hangs must not decide who holds. PURE. */
export const checkNames = (config: ClusterConfig): Finding[] => [
  ...config.services.flatMap(({ name, probes }) =>
    probes.flatMap((probe, index) => {
      const path = ['services', name, 'probes', index, probe.kind]
      if (probe.kind === 'tcp') return checkHost(probe.host, false, path)
      return probe.kind === 'http' ? checkUrl(probe.url, path) : []
    }),
  ),
  ...config.witnesses.flatMap((witness, index) => checkWitness(witness, ['witness', index])),
]

function checkWitness(witness: Witness, path: Path): Finding[] {
  if (witness.kind === 'arbiter') return urlsOf(witness).flatMap((url) => checkUrl(url, [...path, 'lease']))
  const { target } = witness
  if (target.kind === 'tcp') return checkHost(target.host, false, [...path, target.kind])
  return target.kind === 'http' ? checkUrl(target.url, [...path, target.kind]) : []
}

const checkUrl = (url: string, path: Path): Finding[] => checkHost(hostOf(url), url.startsWith('https:'), path)

function checkHost(host: string, isCertified: boolean, path: Path): Finding[] {
  if (!isName(host)) return []
  const message = `${host} is a name: until it has been looked up, a resolver that hangs looks like a server that does not answer`
  const remedy = isCertified ? 'write its address into /etc/hosts of every node, too' : 'write its address'
  return [warningAt(path, message, remedy)]
}

/** `localhost` needs no resolver. */
const isName = (host: string): boolean =>
  host !== 'localhost' && !host.includes(':') && !/^\d+(\.\d+){3}$/.test(host) && host !== ''

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '')

const urlsOf = ({ store }: Extract<Witness, { kind: 'arbiter' }>): readonly string[] =>
  store.kind === 'http' ? [store.url] : store.endpoints

/** Names that a witness or the arbiter goes by. */
export const namesOf = (witnesses: readonly Witness[]): readonly string[] => {
  const hosts = witnesses.flatMap((witness) => {
    if (witness.kind === 'arbiter') return urlsOf(witness).map(hostOf)
    const { target } = witness
    if (target.kind === 'tcp') return [target.host]
    return target.kind === 'http' ? [hostOf(target.url)] : []
  })
  return [...new Set(hosts)].filter(isName)
}
