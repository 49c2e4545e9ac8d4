import { join } from 'node:path'
import { packageRoot } from '../shared/package-root.ts'
import type { Box } from './box.ts'
import type { LabClient } from './client.ts'
import { holdersOf } from './holders.ts'
import { buildLab, type Lab } from './lab.ts'
import { monotonicMs } from './monotonic.ts'
import { describeView, drawTopology, type StepResult, TABLE_FOOT, TABLE_HEAD, tableRows, wrap } from './report.ts'
import { planScenarios, type Step } from './scenarios.ts'
import { setUpBoxes, VIRTUAL_ADDRESS } from './set-up.ts'

export type StoryOptions = {
  /** Leaves the lab running at the end. */
  readonly keep: boolean
  readonly print: (lines: readonly string[]) => void
  /** Ends the story early; its reason is thrown when everything is removed. */
  readonly signal: AbortSignal
}

export type Story = { readonly lab: string; readonly kept: boolean; readonly steps: readonly StepResult[] }

/** A step may take this long until its box serves: an engine's start, or a dead master's interval, and a slow machine. */
const STEP_LIMIT_MS = 30_000
const PROGRESS_EVERY_MS = 5_000
/** A step's view begins so long before it, so that it shows who served until then. */
const LEAD_MS = 100

/**
 * Builds a pair, shows it, lets it fail in every way of `planScenarios`, and tells what a client saw. Everything is
 * removed at the end, also after an error or an interruption, unless it is to be kept.
 */
export async function playStory(options: StoryOptions): Promise<Story> {
  const lab = await buildLab({ boxes: ['web1', 'web2'], others: ['client'] })
  let kept = false
  try {
    const playing = play(lab, options)
    // After an interruption nobody waits for it any more, and it fails since its lab goes away.
    playing.catch(() => undefined)
    const steps = await Promise.race([playing, aborted(options.signal)])
    kept = options.keep
    return { lab: lab.id, kept, steps }
  } finally {
    if (kept) leaveRunning(lab, options.print)
    else await remove(lab, options.print)
  }
}

async function play(lab: Lab, { print, signal }: StoryOptions): Promise<readonly StepResult[]> {
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  print(['', ...drawTopology(lab.topology, VIRTUAL_ADDRESS), ''])
  await setUpBoxes(web1, web2, lab.topology, print)
  const client = lab.startClient(VIRTUAL_ADDRESS)
  print([`waiting until ${web1.name} serves ${VIRTUAL_ADDRESS} ...`])
  await client.servedSteadily([web1.name], 0, STEP_LIMIT_MS)
  for (const box of lab.boxes) await showStatus(box, print)
  const results: StepResult[] = []
  try {
    for (const step of planScenarios(web1, web2, lab.topology)) results.push(await playStep(step, lab, client, print))
  } finally {
    if (!signal.aborted) print(['', ...TABLE_HEAD, ...tableRows(results), ...TABLE_FOOT, ''])
  }
  await client.stop()
  return results
}

async function showStatus(box: Box, print: StoryOptions['print']): Promise<void> {
  const { stdout, stderr } = await box.haup('status', '--run-dir', box.runDir)
  print(['', `${box.name}# haup status`, ...`${stdout}${stderr}`.trimEnd().split('\n')])
}

async function playStep(step: Step, lab: Lab, client: LabClient, print: StoryOptions['print']): Promise<StepResult> {
  print(['', `${step.scenario}. web1: ${step.title}`])
  const from = monotonicMs() - LEAD_MS
  const told = await step.act()
  const acted = monotonicMs()
  const progress = setInterval(() => {
    const seconds = Math.round((monotonicMs() - acted) / 1_000)
    print([`   waiting for ${step.servedBy.join(' or ')} to serve (${seconds} s)`])
  }, PROGRESS_EVERY_MS)
  try {
    await client.servedSteadily(step.servedBy, acted, STEP_LIMIT_MS)
  } finally {
    clearInterval(progress)
  }
  const view = await client.viewSince(from)
  const remark = told ?? tellHolders(await holdersOf(lab.boxes, VIRTUAL_ADDRESS))
  print([`   ${describeView(view)}`, ...wrap(remark ?? '')])
  return { scenario: step.scenario, title: step.title, remark, view }
}

/** One holder is as it should be. */
const tellHolders = (holders: readonly string[]): string | undefined =>
  holders.length === 1 ? undefined : `now ${holders.length} boxes have the address bound: ${holders.join(', ')}`

/** Never resolves. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })

async function remove(lab: Lab, print: StoryOptions['print']): Promise<void> {
  print(['removing the lab ...'])
  await lab[Symbol.asyncDispose]()
}

function leaveRunning(lab: Lab, print: StoryOptions['print']): void {
  for (const box of lab.boxes) box.engine().release()
  const haup = join(packageRoot(), 'bin/haup')
  print([
    `The lab ${lab.id} keeps running. To enter a host of it:`,
    ...lab.topology.hosts.map(({ namespace }) => `  ip netns exec ${namespace} bash`),
    'There, for example:',
    ...lab.boxes.map(({ name, runDir }) => `  ${haup} status --run-dir ${runDir}   (on ${name})`),
    'To remove it all:',
    `  ${haup} lab --clean`,
  ])
}
