import type { Ipv4 } from '../../shared/ip.ts'
import type { Micros } from '../../shared/units.ts'
import type { ClusterKey, PeerChannelConfig, PeerPath } from '../ports.ts'
import { now } from './clock.ts'
import type { StreamPath } from './peer-streams.ts'
import { createTalk, type Talk } from './peer-talk.ts'

/** Another node, how to reach it, and when each path brought something last. */
export type Member = {
  readonly node: string
  readonly paths: readonly PeerPath[]
  readonly talk: Talk
  readonly heardAt: Map<string, Micros>
}

export type Members = {
  readonly follow: (config: PeerChannelConfig) => void
  readonly member: (node: string) => Member | undefined
  /** Who is at the other end, and by which path. */
  readonly at: (local: Ipv4, remote: Ipv4) => { readonly member: Member; readonly path: string } | undefined
  readonly locals: () => readonly Ipv4[]
  readonly streamPaths: () => readonly StreamPath[]
}

export function createMembers(): Members {
  let identity = ''
  let members = new Map<string, Member>()
  let ends = new Map<string, { readonly member: Member; readonly path: string }>()

  return {
    follow: (config) => {
      const { cluster, self, peers, keys } = config
      // Under another name we are somebody else.
      if (identity !== `${cluster} ${self}`) members = new Map()
      identity = `${cluster} ${self}`
      members = new Map(
        peers.map((peer) => [peer.node, { ...kept(members.get(peer.node), config, peer.node), ...peer }]),
      )
      for (const { talk } of members.values()) talk.rekey(keys)
      ends = new Map(
        [...members.values()].flatMap((member) =>
          member.paths.map(({ name, local, remote }) => [`${local} ${remote}`, { member, path: name }] as const),
        ),
      )
    },
    member: (node) => members.get(node),
    at: (local, remote) => ends.get(`${local} ${remote}`),
    locals: () => [...new Set([...members.values()].flatMap(({ paths }) => paths.map(({ local }) => local)))],
    streamPaths: () =>
      [...members.values()].flatMap(({ node, paths, talk }) =>
        paths.map(({ local, remote }) => ({ node, local, remote, talk })),
      ),
  }
}

const kept = (
  before: Member | undefined,
  { cluster, self, keys }: { readonly cluster: string; readonly self: string; readonly keys: readonly ClusterKey[] },
  node: string,
): Pick<Member, 'talk' | 'heardAt'> => ({
  talk: before?.talk ?? createTalk({ cluster, self, node }, keys, now()),
  heardAt: before?.heardAt ?? new Map<string, Micros>(),
})
