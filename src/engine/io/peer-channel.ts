import { assertNever } from '../../shared/errors.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import { decodeHeader } from '../peer/frame.ts'
import { encodeReport } from '../peer/message.ts'
import type { SessionId } from '../peer/session.ts'
import type { OpenPeerChannel, PeerTrouble } from '../ports.ts'
import { now } from './clock.ts'
import { drained } from './drain.ts'
import { openDatagrams } from './peer-datagrams.ts'
import { createMembers, type Member } from './peer-members.ts'
import { openStreams } from './peer-streams.ts'
import type { Rejected, Taken, Valid } from './peer-talk.ts'
import { createTroubles } from './peer-troubles.ts'

/** The peer channel over UDP and TCP. Nothing that arrives, and nothing that becomes of the network, makes it throw. */
export const openPeerChannel: OpenPeerChannel = (config, handlers) => {
  const members = createMembers()
  const troubles = createTroubles(handlers.onTrouble)
  let [sent, received, sendErrors] = [0, 0, 0]

  const transmit = ({ paths }: Member, bytes: Uint8Array | undefined): void => {
    for (const { local, remote } of paths) {
      if (bytes === undefined) sendErrors += 1
      else datagrams.send(local, remote, bytes)
    }
  }
  const onDatagram = (local: Ipv4, from: Ipv4, bytes: Uint8Array): void => {
    const end = members.at(local, from)
    if (end === undefined) {
      troubles.report({ kind: 'stranger', from, detail: 'not an address of a node' }, undefined)
      return
    }
    const header = decodeHeader(bytes)
    if (!header.ok) troubles.report({ ...header.error, from }, end.member.node)
    else onTaken(end.member, end.path, from, end.member.talk.take(header.value, bytes, end.path, now()))
  }
  const onTaken = (member: Member, path: string, from: Ipv4, taken: Taken): void => {
    switch (taken.kind) {
      case 'copy':
        return
      case 'late':
      case 'skipped':
        troubles.count(taken.kind)
        return
      case 'rejected':
        troubles.report(troubleOf(taken, member.node, from), member.node)
        return
      case 'valid':
        onValid(member, path, from, taken)
        return
      default:
        assertNever(taken)
    }
  }
  /** The answer goes first: what is told below may speak too. */
  const onValid = (member: Member, path: string, from: Ipv4, valid: Valid): void => {
    received += 1
    const { node, talk, heardAt } = member
    if (valid.answer !== undefined) transmit(member, valid.answer)
    if (valid.malformed !== undefined) troubles.report({ kind: 'malformed', from, detail: valid.malformed }, node)
    if (!valid.proven) {
      handlers.onUnproven(node)
      return
    }
    heardAt.set(path, now())
    const known = talk.known()
    if (valid.met && known !== undefined) streams.renew(node, known.session)
    if (valid.heard === undefined) handlers.onPath(node, path)
    else handlers.onHeard({ node, path, ...valid.heard })
    if (valid.met) handlers.onMet?.(node)
  }
  const datagrams = openDatagrams({
    onDatagram,
    onSent: (taken) => {
      if (taken) sent += 1
      else sendErrors += 1
    },
  })

  const hinted = new Map<string, SessionId>()
  /** The farewell may have come by the other socket, and be read a turn later. */
  const onBroken = async (node: string, session: SessionId): Promise<void> => {
    await drained()
    const known = members.member(node)?.talk.known()
    if (known?.session !== session || known.leaving || hinted.get(node) === session) return
    hinted.set(node, session)
    handlers.onBroken(node)
  }
  const streams = openStreams({
    onProven: (node) => hinted.delete(node),
    onBroken: (node, session) => void onBroken(node, session),
    onStranger: (remote) =>
      troubles.report({ kind: 'stranger', from: remote as Ipv4, detail: 'connected by TCP' }, undefined),
  })

  const follow: ReturnType<OpenPeerChannel>['follow'] = (next) => {
    members.follow(next)
    datagrams.follow(members.locals(), next.port)
    streams.follow(members.streamPaths(), next.port)
  }
  follow(config)
  return {
    follow,
    say: (nodes, report) => {
      for (const bytes of encodeReport(report)) {
        for (const node of nodes) {
          const member = members.member(node)
          if (member !== undefined) transmit(member, member.talk.say(bytes, now()))
        }
      }
    },
    paths: (node) => {
      const member = members.member(node)
      return (member?.paths ?? []).map(({ name, local }) => ({
        name,
        heardAt: member?.heardAt.get(name),
        problem: datagrams.problem(local),
      }))
    },
    counters: () => ({ sent, received, send_errors: sendErrors, rejected: troubles.counts() }),
    close: () => {
      streams.close()
      datagrams.close()
    },
  }
}

const troubleOf = ({ fault, detail }: Rejected, node: string, from: Ipv4): PeerTrouble =>
  fault === 'key' ? { kind: fault, node, from } : { kind: fault, from, detail }
