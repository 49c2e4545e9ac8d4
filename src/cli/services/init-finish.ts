import { EXIT, UserError } from '../../shared/errors.ts'
import { type ApplyContext, applyChanges, enableUnit } from './init-apply.ts'
import { type Change, compareFiles, listChanges, showChanges } from './init-changes.ts'
import { isSecret, type PlannedFile, type SidePlan } from './init-side.ts'
import type { InitOptions, InitWorld } from './init-world.ts'

export type Finished = {
  readonly outcome: 'written' | 'unchanged' | 'kept' | 'dry-run'
  readonly files: readonly {
    readonly path: string
    readonly status: Change['status']
    readonly content: string | null
  }[]
  readonly backups: readonly string[]
  /** Beside the files: reloads, sysctls, rules. */
  readonly done: readonly string[]
  readonly isEnabled: boolean
}

type FinishOptions = Pick<InitOptions, 'root' | 'manifest' | 'force' | 'dryRun'> & { readonly enable: boolean }

/** Compares with what is there, asks, writes. */
export async function finish(
  planned: readonly PlannedFile[],
  side: SidePlan,
  options: FinishOptions,
  world: InitWorld,
): Promise<Finished> {
  const changes = await compareFiles(planned)
  const files = changes.map(({ file, status }) => {
    const content = isSecret(file) ? null : file.content
    return { path: file.path, status, content }
  })
  const nothing = { files, backups: [], done: [], isEnabled: false }
  if (options.dryRun) return { ...nothing, outcome: 'dry-run' }
  const context = contextOf(options, world)
  const isAgreed = await agree(changes, options, world)
  if (!isAgreed) return { ...nothing, outcome: 'kept' }
  return world.uninterrupted(async () => {
    const { backups, done } = await applyChanges(changes, side, context)
    const started = options.enable && context.isLive ? [await enableUnit(context)] : []
    const isUnchanged = done.length === 0 && changes.every(({ status }) => status === 'unchanged')
    const outcome = isUnchanged ? 'unchanged' : 'written'
    return { files, backups, done: [...done, ...started], outcome, isEnabled: started.length > 0 }
  })
}

export const contextOf = (
  { root, manifest }: Pick<InitOptions, 'root' | 'manifest'>,
  world: InitWorld,
): ApplyContext => ({
  manifest,
  run: world.run,
  now: world.now,
  isLive: root === '/',
})

const WRITE = 'write them'
const SHOW = 'show them first'
const KEEP = 'write nothing'

async function agree(changes: readonly Change[], options: FinishOptions, world: InitWorld): Promise<boolean> {
  const pending = changes.filter(({ status }) => status !== 'unchanged')
  if (pending.length === 0) return true
  // A rule for the firewall was asked for by name.
  const replaced = pending.filter(({ status, file }) => status === 'changed' && file.role !== 'firewall')
  if (world.wizard === undefined) {
    if (replaced.length === 0 || options.force) return true
    world.tell(showChanges(replaced))
    throw existsError(replaced)
  }
  world.tell(['', ...listChanges(changes), ...showChanges(replaced)])
  for (;;) {
    const copies = replaced.length === 0 ? '' : ' Copies of what is replaced are kept.'
    const choice = await world.wizard.choose(`Write these files?${copies}`, [WRITE, SHOW, KEEP])
    if (choice !== SHOW) return choice === WRITE
    world.tell(showChanges(pending))
  }
}

function existsError(replaced: readonly Change[]): UserError {
  const names = replaced.map(({ file }) => file.path).join(' and ')
  return new UserError(
    `${names} ${replaced.length === 1 ? 'is' : 'are'} there already and ${replaced.length === 1 ? 'differs' : 'differ'}`,
    {
      code: 'init.exists',
      exitCode: EXIT.negative,
      nextSteps: ['add --force to replace it (a copy is kept), or --config FILE to write another file'],
    },
  )
}
