import { assertNever } from '../shared/errors.ts'
import { field } from './layout.ts'

/** `haup init --json`: public API. */
export type InitResult = {
  readonly outcome: 'written' | 'unchanged' | 'kept' | 'dry-run'
  readonly file: string
  readonly password_file: string | null
  /** Of the peer channel; the other nodes need a copy. */
  readonly key_file: string | null
  /** Every file, haup.yaml too; the content of a secret one is null. */
  readonly files: readonly {
    readonly path: string
    readonly status: 'new' | 'changed' | 'unchanged'
    readonly content: string | null
  }[]
  readonly backups: readonly string[]
  /** What was done beside writing files. */
  readonly done: readonly string[]
  /** Of haup.yaml. */
  readonly content: string
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly remedy: string | null }[]
  /** What the firewall needs, and nobody has done. */
  readonly by_hand: readonly string[]
  readonly next_steps: readonly string[]
}

/** What `haup init` says at its end. PURE. */
export function renderInit(result: InitResult): string[] {
  switch (result.outcome) {
    case 'dry-run':
      return result.files.flatMap(describePlanned)
    case 'kept':
      return ['nothing was written']
    case 'unchanged':
      return [...result.files.map(({ path }) => `${path} unchanged`), ...goOn(result)]
    case 'written':
      return [
        ...result.backups.map((copy) => `kept the former file as ${copy}`),
        ...result.files.map(({ path, status }) => (status === 'unchanged' ? `${path} unchanged` : `wrote ${path}`)),
        ...result.done,
        ...goOn(result),
      ]
    default:
      return assertNever(result.outcome)
  }
}

function describePlanned({ path, status, content }: InitResult['files'][number]): string[] {
  if (status === 'unchanged') return [`# ${path} would be left as it is`, '']
  const lines = content === null ? ['(a secret: not shown)'] : content.trimEnd().split('\n')
  return [`# would be written to ${path} (${status})`, ...lines, '']
}

function goOn({ by_hand, next_steps }: InitResult): string[] {
  const firewall = by_hand.length === 0 ? [] : ['', 'for the firewall:', ...by_hand.map((line) => `  ${line}`)]
  const next = next_steps.length === 0 ? [] : ['', 'next:', ...next_steps.map((step) => `  ${step}`)]
  return [...firewall, ...next]
}

/** `haup init --undo --json`: public API. */
export type UndoResult = {
  readonly outcome: 'undone' | 'nothing' | 'kept' | 'dry-run'
  readonly actions: readonly string[]
  readonly warnings: readonly string[]
}

/** What `haup init --undo` says at its end. PURE. */
export function renderUndo({ outcome, actions, warnings }: UndoResult): string[] {
  const told = warnings.flatMap((warning) => field('warning:', warning, 0))
  switch (outcome) {
    case 'nothing':
      return ['nothing to undo: haup init has changed nothing here']
    case 'kept':
      return ['nothing was undone']
    case 'dry-run':
      return ['would be undone:', ...actions.map((action) => `  ${action}`)]
    case 'undone':
      return ['undone:', ...actions.map((action) => `  ${action}`), ...told]
    default:
      return assertNever(outcome)
  }
}
