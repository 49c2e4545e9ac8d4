import { beginSession, glance, receive, type Session, send } from '../../../src/engine/peer/session.ts'
import type { PeerReport } from '../../../src/engine/peer/types.ts'
import type { PeerHeard } from '../../../src/engine/ports.ts'
import type { Micros } from '../../../src/shared/units.ts'

/** One node's side of the channel to one other node, with the real rules of who is believed. */
export type Datagram = {
  readonly session: string
  readonly counter: number
  readonly ack: ReturnType<typeof send>['ack']
  readonly report: PeerReport | undefined
}

export type TalkHandlers = {
  readonly now: () => Micros
  readonly transmit: (datagram: Datagram) => void
  readonly onPath: (path: string) => void
  readonly onUnproven: () => void
  readonly onHeard: (heard: Omit<PeerHeard, 'node'>) => void
  readonly onMet: () => void
}

export function createTalk(id: string, { now, transmit, onPath, onUnproven, onHeard, onMet }: TalkHandlers) {
  let session: Session = beginSession(id, now())

  const say = (report: PeerReport | undefined, toward?: string): void => {
    const sending = send(session, now(), toward)
    session = sending.session
    transmit({ session: id, counter: sending.counter, ack: sending.ack, report })
  }
  const hear = (path: string, { session: theirs, counter, ack, report }: Datagram): void => {
    const arriving = { session: theirs, counter, path, now: now() }
    if (glance(session, arriving) === 'replayed') return
    const received = receive(session, arriving, ack)
    session = received.session
    const { verdict } = received
    if (received.answer !== undefined) say(undefined, received.answer)
    if (verdict.kind === 'news' && report !== undefined)
      onHeard({ path, report, provenAt: verdict.provenAt, order: { life: theirs, counter } })
    else if (verdict.kind === 'news' || verdict.kind === 'again') onPath(path)
    else if (verdict.kind === 'unproven') onUnproven()
    if (received.met) onMet()
  }
  return { say, hear }
}

export type Talk = ReturnType<typeof createTalk>
