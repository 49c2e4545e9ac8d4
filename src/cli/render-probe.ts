import type { ProbeResult } from '../probes/types.ts'
import { printable } from '../shared/log.ts'
import { formatDuration, type Micros, micros } from '../shared/units.ts'
import { WIDTH, wrap } from './layout.ts'
import type { Paint } from './paint.ts'

type Round = { readonly service: string | null; readonly results: readonly ProbeResult[] }

/** `ok      3.1ms  http 127.0.0.1/: 200 in 3.1ms`, below the service's name. Pure. */
export const renderProbes = (rounds: readonly Round[], paint: Paint): string[] =>
  rounds.flatMap(({ service, results }) => [
    ...(service === null ? [] : [paint('strong', printable(service))]),
    ...results.flatMap((result) => renderResult(result, paint)),
  ])

const INDENT = 18

function renderResult({ probe, ok, detail, took }: ProbeResult, paint: Paint): string[] {
  const verdict = ok ? 'ok    ' : 'FAILED'
  const [first = '', ...more] = wrap(printable(`${probe}: ${detail}`, 1_000), WIDTH - INDENT)
  const head = `${paint(ok ? 'good' : 'bad', verdict)} ${briefly(took).padStart(8)}   ${first}`
  return [head, ...more.map((line) => `${' '.repeat(INDENT)}${line}`)]
}

/** To a tenth of a millisecond. */
const briefly = (took: Micros): string => formatDuration(micros(Math.round(took / 100) * 100))
