import type { ClientView } from './measure.ts'
import type { Topology } from './topology.ts'

/** What the lab prints. PURE; 80 columns. */

export type StepResult = {
  readonly scenario: number
  readonly title: string
  readonly remark: string | undefined
  readonly view: ClientView
}

export const WIDTH = 80
const TITLE = 39
const PATH = 19

/**
 *              client 192.0.2.13
 *                      |
 *   =========== switch (a bridge) ===========
 *          |                       |
 *   web1 192.0.2.11         web2 192.0.2.12
 */
export function drawTopology({ hosts }: Topology, virtualAddress: string): readonly string[] {
  const boxes = hosts.filter((host) => host.name !== 'client')
  const client = hosts.find((host) => host.name === 'client')
  const cell = Math.floor(WIDTH / Math.max(1, boxes.length))
  const inCells = (texts: readonly string[]) => texts.map((text) => centre(text, cell)).join('')
  return [
    centre(`client ${client?.address ?? ''}`, WIDTH),
    centre('|', WIDTH),
    centre(centreIn(' switch ', '=', WIDTH - 20), WIDTH),
    inCells(boxes.map(() => '|')),
    inCells(boxes.map((box) => `${box.name} ${box.address}`)),
    inCells(boxes.map(() => 'nginx, haup')),
    '',
    centre(`virtual address ${virtualAddress}`, WIDTH),
  ].map((line) => line.trimEnd())
}

export const TABLE_HEAD: readonly string[] = [
  row('', 'what was done to web1', 'served by', 'sent', 'lost', 'outage'),
  '-'.repeat(WIDTH),
]

/** One line, and one for the remark; the scenario's number stands at its first step only. */
export function tableRows(results: readonly StepResult[]): readonly string[] {
  return results.flatMap(({ scenario, title, remark, view }, index) => [
    row(
      scenario === results[index - 1]?.scenario ? '' : String(scenario),
      title,
      servedPath(view),
      String(view.sent),
      String(view.lost),
      `${view.outageMs} ms`,
    ),
    ...wrap(remark ?? ''),
  ])
}

/** Words in lines of at most WIDTH, indented as a remark. */
export function wrap(text: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ').filter(Boolean)) {
    const longer = `${lines.at(-1) ?? '  '} ${word}`
    if (lines.length > 0 && longer.length <= WIDTH) lines[lines.length - 1] = longer
    else lines.push(`   ${word}`)
  }
  return lines
}

export const servedPath = ({ path }: ClientView): string => (path.length === 0 ? 'nobody' : path.join(' > '))

/** One sentence for the progress of a step. */
export const describeView = (view: ClientView): string =>
  `${servedPath(view)}: ${view.lost} of ${view.sent} requests lost, outage ${view.outageMs} ms`

export const TABLE_FOOT: readonly string[] = [
  '',
  'sent, lost: requests of the client, a new connection every 10 ms.',
  'outage: from the start of the last request served before a gap to the start of',
  'the first one served after it; a lost request lies between. Resolution 10 ms.',
]

function row(number: string, title: string, path: string, sent: string, lost: string, outage: string): string {
  const left = `${number.padEnd(2)} ${title.padEnd(TITLE)}${path.padEnd(PATH)}`
  return `${left}${sent.padStart(5)}${lost.padStart(5)}${outage.padStart(9)}`
}

const centreIn = (text: string, fill: string, width: number): string =>
  text.padStart(text.length + Math.floor((width - text.length) / 2), fill).padEnd(width, fill)

const centre = (text: string, width: number): string => centreIn(text, ' ', width)
