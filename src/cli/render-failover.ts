import type { FailoverOutcome } from '../control/messages.ts'
import { printable } from '../shared/log.ts'
import { WIDTH, wrap } from './layout.ts'
import type { Paint, Style } from './paint.ts'

/** One sentence for each instance. Pure. */
export const renderOutcomes = (outcomes: readonly FailoverOutcome[], paint: Paint): string[] =>
  outcomes.flatMap(({ instance, outcome, message }) =>
    wrap(printable(`${instance}: ${message}`, 1_000), WIDTH).map((line) => paint(STYLE[outcome], line)),
  )

const STYLE: Record<FailoverOutcome['outcome'], Style> = {
  'taken-over': 'good',
  'stands-by': 'good',
  back: 'good',
  'not-held': 'strong',
  'not-master': 'warn',
  elsewhere: 'warn',
  nobody: 'bad',
}
