import { readFile, writeFile } from 'node:fs/promises'
import { EXIT, type ExitCode, UserError } from '../../shared/errors.ts'
import type { UndoResult } from '../render-init.ts'
import type { ApplyContext } from './init-apply.ts'
import { hashOf, type Manifest, type ManifestFile, readManifest, removeManifest } from './init-manifest.ts'
import { removeCopies, restoreFile } from './init-restore.ts'
import { backUp, readExisting, removeEmptyDirectories } from './init-write.ts'

/** `haup init --undo`: every file, directory, sysctl and rule as it was before the first `haup init`. */

export type UndoOptions = { readonly force: boolean; readonly dryRun: boolean }

type State = 'ours' | 'former' | 'edited'
type Entry = { readonly file: ManifestFile; readonly state: State; readonly current: string | undefined }

export async function undoInit(
  options: UndoOptions,
  context: ApplyContext,
  agree: (actions: readonly string[]) => Promise<boolean>,
): Promise<{ result: UndoResult; exitCode: ExitCode }> {
  const manifest = await readManifest(context.manifest)
  if (manifest === undefined) return answer('nothing', [])
  const entries = await Promise.all(manifest.files.map(inspect))
  const edited = entries.filter(({ state }) => state === 'edited')
  if (edited.length > 0 && !options.force) throw editedError(edited)
  const actions = describeUndo(manifest, entries)
  if (options.dryRun) return answer('dry-run', actions)
  if (!(await agree(actions))) return answer('kept', actions, EXIT.negative)
  const warnings = await takeBack(manifest, entries, context)
  await removeManifest(context.manifest)
  await removeEmptyDirectories(manifest.directories)
  return answer('undone', actions, EXIT.ok, warnings)
}

const answer = (
  outcome: UndoResult['outcome'],
  actions: readonly string[],
  exitCode: ExitCode = EXIT.ok,
  warnings: readonly string[] = [],
) => ({ result: { outcome, actions, warnings }, exitCode })

async function inspect(file: ManifestFile): Promise<Entry> {
  const current = await readExisting(file.path, file.is_link)
  const hash = current === undefined ? null : hashOf(current)
  const state = hash === file.before ? 'former' : hash === file.after ? 'ours' : 'edited'
  return { file, state, current }
}

function editedError(edited: readonly Entry[]): UserError {
  const names = edited.map(({ file }) => file.path).join(' and ')
  return new UserError(`${names} ${edited.length === 1 ? 'was' : 'were'} changed since: nothing was undone`, {
    code: 'init.undo-edited',
    exitCode: EXIT.negative,
    nextSteps: ['look at it, then add --force: a copy of it is kept'],
  })
}

function describeUndo(manifest: Manifest, entries: readonly Entry[]): string[] {
  const files = entries.flatMap(({ file, state }) => {
    if (state === 'former') return []
    const verb = file.before === null && file.before_link === null ? 'remove' : 'restore'
    return [`${verb} ${file.path}${state === 'edited' ? ' (changed since: a copy is kept)' : ''}`]
  })
  const sysctls = manifest.sysctls.map(({ path, before }) => `set ${path} back to ${before}`)
  const run = (argv: readonly string[]): string => `run ${argv.join(' ')}`
  return [...manifest.undo_before.map(run), ...files, ...sysctls, ...manifest.undo_after.map(run)]
}

async function takeBack(manifest: Manifest, entries: readonly Entry[], context: ApplyContext): Promise<string[]> {
  const warnings: string[] = []
  const runAll = async (commands: readonly (readonly string[])[]) => {
    for (const argv of context.isLive ? commands.toReversed() : []) {
      const { ok, output } = await context.run(argv)
      if (!ok) warnings.push(`${argv.join(' ')} failed: ${output.trim()}`)
    }
  }
  await runAll(manifest.undo_before)
  for (const entry of entries.toReversed()) await putBack(entry, context.now())
  if (context.isLive) {
    for (const sysctl of manifest.sysctls) await resetSysctl(sysctl)
    if (manifest.server !== null) warnings.push(...(await reloadServer(manifest.server, context)))
  }
  await runAll(manifest.undo_after)
  return warnings
}

async function putBack({ file, state, current }: Entry, now: Date): Promise<void> {
  if (state === 'edited' && current !== undefined && !file.is_link) await backUp(file.path, now)
  if (state !== 'former') await restoreFile(file)
  await removeCopies(file)
}

/** Somebody else's later choice stays. */
async function resetSysctl({ path, before, after }: Manifest['sysctls'][number]): Promise<void> {
  const current = (await readFile(path, 'utf8').catch(() => '')).trim()
  if (current === after) await writeFile(path, before)
}

async function reloadServer(server: NonNullable<Manifest['server']>, { run }: ApplyContext): Promise<string[]> {
  if (server.reload.length === 0) return []
  const tested = await run(server.test)
  if (!tested.ok) return [`the web server was not reloaded, its configuration is refused: ${tested.output.trim()}`]
  const reloaded = await run(server.reload)
  return reloaded.ok ? [] : [`${server.reload.join(' ')} failed: ${reloaded.output.trim()}`]
}
