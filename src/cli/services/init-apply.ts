import { readFile, writeFile } from 'node:fs/promises'
import { tellingLine } from '../../probes/telling-line.ts'
import { EXIT, messageOf, UserError } from '../../shared/errors.ts'
import type { Change } from './init-changes.ts'
import {
  EMPTY_MANIFEST,
  hashOf,
  type Manifest,
  type ManifestFile,
  readManifest,
  removeManifest,
  saveManifest,
  withDirectories,
  withFile,
  withSysctl,
  withUndo,
} from './init-manifest.ts'
import { removeCopies, restoreFile } from './init-restore.ts'
import type { SidePlan } from './init-side.ts'
import {
  backUp,
  missingDirectories,
  readLink,
  removeEmptyDirectories,
  writeConfigAtomically,
  writeFileAtomically,
} from './init-write.ts'

/** Runs a program of this box with a fixed argv. */
export type Run = (argv: readonly string[]) => Promise<{ readonly ok: boolean; readonly output: string }>

export type ApplyContext = {
  readonly manifest: string
  readonly run: Run
  readonly now: () => Date
  /** False below `--root`: files alone, nothing of the running system is touched. */
  readonly isLive: boolean
}

export type Applied = { readonly backups: readonly string[]; readonly done: readonly string[] }

/** Carries out what was shown. The web server's files come first: when its test fails, nothing else has been written. */
export async function applyChanges(
  changes: readonly Change[],
  side: SidePlan,
  context: ApplyContext,
): Promise<Applied> {
  const log = await openLog(context)
  const pending = changes.filter(({ status }) => status !== 'unchanged')
  const ofServer = pending.filter(({ file }) => file.role === 'server')
  const done = await placeServerFiles(ofServer, side, log)
  for (const change of pending) if (change.file.role !== 'server') await log.place(change)
  for (const { path, value } of side.sysctls) done.push(...(await setSysctl(path, value, log)))
  if (context.isLive) {
    if (pending.some(({ file }) => file.role === 'unit')) await reloadUnits(log)
    for (const step of side.firewall.steps) done.push(await takeStep(step, log))
  }
  return { backups: log.backups, done }
}

/** The manifest is on disk before each change: whatever happens, undo knows of it. */
type ChangeLog = ApplyContext & {
  readonly backups: string[]
  readonly place: (change: Change) => Promise<void>
  readonly record: (edit: (manifest: Manifest) => Manifest) => Promise<void>
  /** As it was before this run. */
  readonly rollBack: () => Promise<void>
}

async function openLog(context: ApplyContext): Promise<ChangeLog> {
  const original = await readManifest(context.manifest)
  let manifest = original ?? withDirectories(EMPTY_MANIFEST, await missingDirectories(context.manifest))
  const backups: string[] = []
  const placed: ManifestFile[] = []
  const record: ChangeLog['record'] = async (edit) => {
    const edited = edit(manifest)
    if (JSON.stringify(edited) !== JSON.stringify(manifest)) await saveManifest(context.manifest, edited)
    manifest = edited
  }
  return {
    ...context,
    backups,
    record,
    place: async (change) => {
      const { file } = change
      const entry = await entryOf(change, context.now())
      if (entry.backup !== null) backups.push(entry.backup)
      placed.push(entry)
      const made = await missingDirectories(file.path)
      await record((known) => withFile(withDirectories(known, made), entry))
      await (file.role === 'config' ? writeConfigAtomically(file) : writeFileAtomically(file))
    },
    rollBack: async () => {
      for (const entry of placed.toReversed()) {
        await restoreFile(entry)
        await removeCopies(entry)
      }
      backups.length = 0
      if (original === undefined) await removeManifest(context.manifest)
      else await saveManifest(context.manifest, original)
      await removeEmptyDirectories(manifest.directories.filter((each) => original?.directories.includes(each) !== true))
    },
  }
}

/** Keeps a copy of what is there. */
async function entryOf({ file, existing }: Change, now: Date): Promise<ManifestFile> {
  const isLink = file.isLink === true
  return {
    path: file.path,
    is_link: isLink,
    before_link: isLink ? (existing ?? null) : await readLink(file.path),
    before: existing === undefined ? null : hashOf(existing),
    after: hashOf(file.content),
    backup: existing === undefined || isLink ? null : await backUp(file.path, now),
    copies: [],
  }
}

async function placeServerFiles(changes: readonly Change[], { server }: SidePlan, log: ChangeLog): Promise<string[]> {
  if (changes.length === 0 || server === undefined) return []
  if (!log.isLive) {
    for (const change of changes) await log.place(change)
    return []
  }
  const before = await log.run(server.test)
  if (!before.ok) throw serverError('the web server refuses its configuration as it is', server.test, before.output)
  await log.record((manifest) => ({ ...manifest, server }))
  for (const change of changes) await log.place(change)
  const after = await log.run(server.test)
  if (!after.ok) {
    await log.rollBack()
    throw serverError('the web server refuses the new files; they were taken away again', server.test, after.output)
  }
  if (server.reload.length === 0) return []
  const reloaded = await log.run(server.reload)
  if (reloaded.ok) return [`reloaded the web server (${server.reload.join(' ')})`]
  await log.rollBack()
  throw serverError(
    'the web server was not reloaded; the new files were taken away again',
    server.reload,
    reloaded.output,
  )
}

const serverError = (message: string, argv: readonly string[], output: string): UserError =>
  new UserError(`${message}: ${tellingLine(output)}`, {
    code: 'init.server-test',
    exitCode: EXIT.environment,
    nextSteps: [`see what it says: ${argv.join(' ')}`],
  })

async function setSysctl(path: string, value: string, log: ChangeLog): Promise<string[]> {
  if (!log.isLive) return []
  const before = (await readFile(path, 'utf8').catch(() => '')).trim()
  if (before === value) return []
  await log.record((manifest) => withSysctl(manifest, { path, before, after: value }))
  await writeFile(path, value).catch((cause: unknown) => {
    throw new UserError(`cannot set ${path}: ${messageOf(cause)}`, {
      code: 'init.sysctl',
      exitCode: EXIT.environment,
      nextSteps: ['run it as root, or add --no-nonlocal-bind'],
      cause,
    })
  })
  return [`set ${path.replace('/proc/sys/', '').replaceAll('/', '.')} to ${value} (it was ${before})`]
}

const DAEMON_RELOAD = ['systemctl', 'daemon-reload']

async function reloadUnits(log: ChangeLog): Promise<void> {
  await log.record((manifest) => withUndo(manifest, 'undo_after', DAEMON_RELOAD))
  await runOrThrow(DAEMON_RELOAD, log)
}

async function takeStep(step: SidePlan['firewall']['steps'][number], log: ChangeLog): Promise<string> {
  const output = await runOrThrow(step.argv, log)
  const undo = step.undo(output)
  if (undo !== undefined) await log.record((manifest) => withUndo(manifest, step.place, undo))
  return `ran ${step.argv.join(' ')}`
}

const ENABLE = ['systemctl', 'enable', '--now', 'haup.service']
const DISABLE = ['systemctl', 'disable', '--now', 'haup.service']

/** Starts haup now and at boot. */
export async function enableUnit(context: ApplyContext): Promise<string> {
  const log = await openLog(context)
  await log.record((manifest) => withUndo(manifest, 'undo_before', DISABLE))
  await runOrThrow(ENABLE, log)
  return 'started haup, now and at boot'
}

async function runOrThrow(argv: readonly string[], { run }: ApplyContext): Promise<string> {
  const { ok, output } = await run(argv)
  if (ok) return output
  throw new UserError(`${argv.join(' ')} failed: ${tellingLine(output)}`, {
    code: 'init.command',
    exitCode: EXIT.environment,
    nextSteps: ['run it by hand; what was written before stays: haup init --undo takes it back'],
  })
}
