import { dirname, join } from 'node:path'
import { loadConfig } from '../../config/load.ts'
import { EXIT, type ExitCode } from '../../shared/errors.ts'
import { type HaupYamlPlan, renderHaupYaml } from '../../templates/haup-yaml.ts'
import { readTemplate } from '../../templates/read-template.ts'
import type { HostFacts } from '../detect/facts.ts'
import type { InitResult } from '../render-init.ts'
import type { Answers } from './init-answers.ts'
import { collectAnswers } from './init-collect.ts'
import { isTold, readDraft } from './init-draft.ts'
import { finish } from './init-finish.ts'
import { describeFacts, describeRemark } from './init-found.ts'
import { gatherGiven } from './init-given.ts'
import { describeTrade } from './init-interval.ts'
import { planKey } from './init-key.ts'
import { nextSteps } from './init-next-steps.ts'
import { planOf, wishesOf } from './init-plan.ts'
import { type Known, propose } from './init-propose.ts'
import { createRemarker, type Remark } from './init-remarker.ts'
import { type PlannedFile, planSide } from './init-side.ts'
import { lookAround } from './init-survey.ts'
import type { InitOptions, InitWorld } from './init-world.ts'

/**
 * Looks at the box, collects answers, shows and writes haup.yaml and what belongs beside it. Nothing is written before all
 * is known.
 */
export async function runInit(
  options: InitOptions,
  world: InitWorld,
): Promise<{ result: InitResult; exitCode: ExitCode }> {
  const given = await gatherGiven(options.flags, options.answersFile)
  const facts = await lookAround(options, given, world)
  const known = { given, ...(await presentTiming(options.config)), isAsked: world.wizard !== undefined }
  if (world.wizard !== undefined) world.tell(describeFacts(facts))
  const remarker = createRemarker(facts, known.vrid, world, (remark) => world.warn(describeRemark(remark)))
  const answers = await collectAnswers({
    given,
    propose: (key, before) => propose(key, facts, before, world.random, known),
    ask: world.wizard?.ask,
    facts,
    onAnswer: async (key, before) => {
      if (key === 'advert-interval' && isChosenHere(known)) world.tell(describeTrade(before))
      await remarker.onAnswer(key, before)
    },
  })
  return write(options, world, facts, answers, remarker.all())
}

async function write(
  options: InitOptions,
  world: InitWorld,
  facts: HostFacts,
  answers: Answers,
  early: readonly Remark[],
): Promise<{ result: InitResult; exitCode: ExitCode }> {
  const plan = planOf(answers, facts)
  const beside = await filesBeside(options.config, plan, answers)
  const content = renderHaupYaml(await readTemplate('haup.yaml'), plan)
  const late = readDraft(content, options.config, beside, answers, facts).filter((remark) => !isTold(remark, early))
  for (const remark of late) world.warn(describeRemark(remark))
  const side = await planSide(facts, wishesOf(answers), options.root)
  const main = { path: options.config, content, mode: 0o644, role: 'config' } as const
  const files = [...side.files, ...beside, main]
  const finished = await finish(files, side, { ...options, enable: options.enable ?? false }, world)
  const result: InitResult = {
    ...finished,
    file: options.config,
    password_file: files.find(({ role }) => role === 'password')?.path ?? null,
    key_file: files.find(({ role }) => role === 'key')?.path ?? null,
    content,
    warnings: [...early, ...late].map(({ code, message, remedy }) => ({ code, message, remedy: remedy ?? null })),
    by_hand: side.firewall.lines,
    next_steps: finished.outcome === 'kept' ? [] : nextSteps(options, plan, answers, facts, finished.isEnabled),
  }
  return { result, exitCode: finished.outcome === 'kept' ? EXIT.negative : EXIT.ok }
}

/** Neither by a flag nor by the file that is there: whoever runs this hears what it means. */
const isChosenHere = ({ given, interval }: Known): boolean =>
  given['advert-interval'] === undefined && interval === undefined

/** Of a file that is there and valid. */
async function presentTiming(config: string): Promise<Pick<Known, 'vrid' | 'interval'>> {
  const loaded = await loadConfig(config)
  const first = loaded.ok ? loaded.value.config.instances[0] : undefined
  return { vrid: first?.vrid, interval: first?.advertInterval }
}

/** Password and key, before the file that names them. */
async function filesBeside(config: string, plan: HaupYamlPlan, answers: Answers): Promise<PlannedFile[]> {
  const key = plan.peer === undefined ? [] : [await planKey(config)]
  if (plan.passwordFile === undefined) return key
  const path = join(dirname(config), plan.passwordFile)
  return [...key, { path, content: `${answers.password}\n`, mode: 0o600, role: 'password' }]
}
