import { dirname, join } from 'node:path'
import { toUserError } from '../../config/format.ts'
import { finishConfig, interpretConfig } from '../../config/interpret.ts'
import { EXIT, type ExitCode, UserError } from '../../shared/errors.ts'
import { type HaupYamlPlan, renderHaupYaml } from '../../templates/haup-yaml.ts'
import { readTemplate } from '../../templates/read-template.ts'
import type { HostFacts } from '../detect/facts.ts'
import type { InitResult } from '../render-init.ts'
import type { Answers } from './init-answers.ts'
import { collectAnswers } from './init-collect.ts'
import { describeChanges } from './init-diff.ts'
import { describeFacts } from './init-found.ts'
import { gatherGiven } from './init-given.ts'
import { nextSteps } from './init-next-steps.ts'
import { PASSWORD_FILE, planOf } from './init-plan.ts'
import { propose, type Random } from './init-propose.ts'
import type { Wizard } from './init-wizard.ts'
import { backUp, type NewFile, readExisting, writeConfigAtomically, writeFileAtomically } from './init-write.ts'

export type InitOptions = {
  /** Path of haup.yaml. */
  readonly config: string
  /** Answers from flags; `password` is the name of its file. */
  readonly flags: Answers
  readonly answersFile: string | undefined
  /** Replace a file that differs without asking. */
  readonly force: boolean
  readonly dryRun: boolean
}

export type InitWorld = {
  readonly detect: () => Promise<HostFacts>
  /** Undefined: nobody is asked, proposals are taken (`--yes`). */
  readonly wizard: Wizard | undefined
  readonly random: Random
  readonly now: () => Date
  /** Lines for people, before the end: what was found, the diff that is asked about. */
  readonly print: (lines: readonly string[]) => void
}

/** Looks at the box, collects answers, writes haup.yaml (and the password file). Nothing is written before all is known. */
export async function runInit(
  options: InitOptions,
  world: InitWorld,
): Promise<{ result: InitResult; exitCode: ExitCode }> {
  const [given, facts] = await Promise.all([gatherGiven(options.flags, options.answersFile), world.detect()])
  if (world.wizard !== undefined) world.print(describeFacts(facts))
  const answers = await collectAnswers({
    given,
    propose: (key, before) => propose(key, facts, before, world.random),
    ask: world.wizard?.ask,
  })
  const plan = planOf(answers)
  const content = renderHaupYaml(await readTemplate('haup.yaml'), plan)
  checkBeforeWriting(content, options.config, answers)
  const files = filesOf(options.config, content, plan, answers)
  const { outcome, backups } = options.dryRun
    ? { outcome: 'dry-run' as const, backups: [] }
    : await putInPlace(files, options, world)
  const result: InitResult = {
    outcome,
    file: options.config,
    password_file: files.find(({ isSecret }) => isSecret)?.path ?? null,
    backups,
    content,
    next_steps: outcome === 'kept' ? [] : nextSteps(options.config, plan, answers),
  }
  return { result, exitCode: outcome === 'kept' ? EXIT.negative : EXIT.ok }
}

type PlannedFile = NewFile & { readonly isSecret: boolean }

function filesOf(config: string, content: string, plan: HaupYamlPlan, answers: Answers): PlannedFile[] {
  const main = { path: config, content, mode: 0o644, isSecret: false }
  if (plan.passwordFile === undefined) return [main]
  const path = join(dirname(config), plan.passwordFile)
  return [{ path, content: `${answers.password}\n`, mode: 0o600, isSecret: true }, main]
}

/** Answers that are each valid can be wrong together; then nothing has been touched yet. */
function checkBeforeWriting(content: string, file: string, answers: Answers): void {
  const draft = interpretConfig(content, file)
  if (!draft.ok) throw toUserError(draft.error)
  const password = new TextEncoder().encode(answers.password ?? '')
  const known = { kind: 'read', path: PASSWORD_FILE, content: password, isPrivate: true, ownedByRoot: true } as const
  const finished = finishConfig(draft.value, new Map([[PASSWORD_FILE, known]]))
  if (!finished.ok) throw toUserError(finished.error)
}

type Placed = { readonly outcome: 'written' | 'unchanged' | 'kept'; readonly backups: readonly string[] }

async function putInPlace(files: readonly PlannedFile[], options: InitOptions, world: InitWorld): Promise<Placed> {
  const existing = await Promise.all(files.map(({ path }) => readExisting(path)))
  const changed = files.filter(({ content }, index) => existing[index] !== content)
  if (changed.length === 0) return { outcome: 'unchanged', backups: [] }
  const replaced = changed.filter((file) => existing[files.indexOf(file)] !== undefined)
  if (replaced.length > 0 && !options.force) {
    world.print(replaced.flatMap((file) => describeChanges(file, existing[files.indexOf(file)] ?? '')))
    const isAgreed = await agree(replaced, world)
    if (!isAgreed) return { outcome: 'kept', backups: [] }
  }
  const backups: string[] = []
  for (const { path } of replaced) backups.push(await backUp(path, world.now()))
  for (const file of changed) await (file.isSecret ? writeFileAtomically(file) : writeConfigAtomically(file))
  return { outcome: 'written', backups }
}

async function agree(replaced: readonly NewFile[], world: InitWorld): Promise<boolean> {
  const names = replaced.map(({ path }) => path).join(' and ')
  if (world.wizard !== undefined) return world.wizard.confirm(`Replace ${names}? A copy is kept.`)
  throw new UserError(`${names} is there already and differs`, {
    code: 'init.exists',
    exitCode: EXIT.negative,
    nextSteps: ['add --force to replace it (a copy is kept), or --config FILE to write another file'],
  })
}
