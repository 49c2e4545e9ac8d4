import { runProbe } from '../../probes/run.ts'
import { fromMillis } from '../../shared/units.ts'
import { type Candidate, frontCandidates, healthCandidates } from './candidates.ts'
import type { Answering, ServerAnswers, WebServer } from './facts.ts'

const EACH_WITHIN = fromMillis(1_000)
const ALL_WITHIN_MS = 4_000

/** Asks a running server for its front page and for the usual health locations. Whatever does not answer is undefined. */
export async function askServer(server: WebServer | undefined): Promise<ServerAnswers> {
  if (server?.isRunning !== true) return { front: undefined, health: undefined }
  const signal = AbortSignal.timeout(ALL_WITHIN_MS)
  const [front, health] = await Promise.all([
    firstGood(frontCandidates(server), [200, 399], signal),
    firstGood(healthCandidates(server), [200, 200], signal),
  ])
  return { front, health }
}

/** One after the other, so that the order decides; a refused connection costs nothing. */
async function firstGood(
  candidates: readonly Candidate[],
  status: readonly [number, number],
  signal: AbortSignal,
): Promise<Answering | undefined> {
  for (const { url, host } of candidates) {
    if (signal.aborted) return undefined
    if (await answers({ url, host }, status, signal)) return { url, host }
  }
  return undefined
}

/** Whether a GET of the URL has such a status. The certificate is not judged: it is asked by address. */
export async function answers(
  { url, host }: Candidate,
  status: readonly [number, number],
  signal: AbortSignal,
): Promise<boolean> {
  const spec = { kind: 'http', url, host, status: [status], method: 'GET', headers: {}, body: undefined } as const
  const result = await runProbe({ ...spec, sni: host, ca: { kind: 'none' } }, EACH_WITHIN, signal)
  return result.ok
}
