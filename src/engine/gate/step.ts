import type { Result } from '../../shared/result.ts'
import type { NetlinkSocket } from '../io/netlink.ts'
import type { NetlinkFailure } from '../io/netlink-exchange.ts'
import type { NetlinkRequest } from '../io/netlink-message.ts'
import { batch } from './nftables.ts'

/** One owner's part of a transaction. */
export type Step = {
  /** Just before it is sent, and again if it has to be sent once more. An error is the answer: nothing is sent. */
  readonly ask: () => Result<readonly NetlinkRequest[], string>
  /** The answer; another step when it takes one more. */
  readonly answered: (reply: Result<void, NetlinkFailure>) => Result<void, string> | Step
}

export type Answer = Result<void, string>

/**
 * Together in one transaction: it takes a few milliseconds, which count as the lateness of each renewal in it, and for which
 * a closing may have to wait.
 */
export const MOST_TOGETHER = 64

/** Carries out steps of different owners, in their order; what the kernel refuses of one does not hinder the others. */
export async function takeSteps(socket: NetlinkSocket, steps: readonly Step[]): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (let at = 0; at < steps.length; at += MOST_TOGETHER) {
    answers.push(...(await takeTogether(socket, steps.slice(at, at + MOST_TOGETHER))))
  }
  return answers
}

async function takeTogether(socket: NetlinkSocket, steps: readonly Step[]): Promise<readonly Answer[]> {
  const outcomes = await transact(socket, steps)
  const more = outcomes.flatMap((outcome) => ('ask' in outcome ? outcome : []))
  const later = more.length === 0 ? [] : await takeTogether(socket, more)
  let next = 0
  return outcomes.map((outcome) => ('ask' in outcome ? (later[next++] ?? UNANSWERED) : outcome))
}

const UNANSWERED: Answer = { ok: false, error: 'not answered' }

async function transact(socket: NetlinkSocket, steps: readonly Step[]): Promise<readonly (Answer | Step)[]> {
  const asked = steps.map((step) => ({ step, requests: step.ask() }))
  const sent = asked.flatMap(({ requests }) => (requests.ok ? requests.value : []))
  const reply: Result<void, NetlinkFailure> = sent.length === 0 ? DONE : await socket.transactBatch(batch(sent))
  if (!reply.ok && steps.length > 1 && !isUnanswered(reply.error)) {
    // Nothing has happened: each by itself, so that who is refused fails alone.
    const outcomes: (Answer | Step)[] = []
    for (const step of steps) outcomes.push(...(await transact(socket, [step])))
    return outcomes
  }
  return asked.map(({ step, requests }) => (requests.ok ? step.answered(reply) : requests))
}

const DONE: Answer & { readonly ok: true } = { ok: true, value: undefined }

/** It may have happened or not. */
export const isUnanswered = ({ code }: NetlinkFailure): boolean => code === 'ETIMEDOUT' || code === 'EBADF'
