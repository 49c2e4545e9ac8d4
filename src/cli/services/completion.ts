import { type CompletedCommand, type CompletedFlag, renderCompletion } from '../../templates/completion.ts'
import { readTemplate } from '../../templates/read-template.ts'

export const SHELLS = ['bash', 'zsh'] as const
export type Shell = (typeof SHELLS)[number]

/** What the command line's own description says of a command; the rest of it does not matter here. */
export type DescribedCommand = {
  readonly id: string
  readonly hidden?: boolean
  readonly summary?: string | undefined
  readonly flags: Readonly<Record<string, DescribedFlag>>
  readonly args: Readonly<Record<string, { readonly name: string; readonly options?: readonly string[] }>>
}

export type DescribedFlag = {
  readonly name: string
  readonly type: 'boolean' | 'option'
  readonly char?: string | undefined
  readonly hidden?: boolean | undefined
  readonly allowNo?: boolean | undefined
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly helpValue?: string | readonly string[] | undefined
  readonly options?: readonly string[] | undefined
}

/** The completion script for a shell. */
export const completionScript = async (shell: Shell, commands: readonly DescribedCommand[]): Promise<string> =>
  renderCompletion(await readTemplate(`completion.${shell}`), completedCommands(commands))

/** What can be completed, sorted by name; hidden commands and flags are not offered. */
export const completedCommands = (commands: readonly DescribedCommand[]): readonly CompletedCommand[] =>
  commands
    .filter(({ hidden }) => hidden !== true)
    .map((command) => ({
      name: command.id.replaceAll(':', ' '),
      summary: command.summary ?? '',
      flags: Object.values(command.flags)
        .filter(({ hidden }) => hidden !== true)
        .map(completedFlag),
      choices: Object.values(command.args).flatMap(({ options }) => options ?? []),
      takesFile: Object.values(command.args).some(({ name }) => name === 'file'),
    }))
    // The longer name first: `config check` is not `config` with an argument.
    .toSorted((a, b) => b.name.split(' ').length - a.name.split(' ').length || a.name.localeCompare(b.name))

const completedFlag = (flag: DescribedFlag): CompletedFlag => ({
  names: [
    `--${flag.name}`,
    ...(flag.char === undefined ? [] : [`-${flag.char}`]),
    ...(flag.allowNo === true ? [`--no-${flag.name}`] : []),
  ],
  description: flag.summary ?? flag.description ?? '',
  value: completedValue(flag),
})

function completedValue({ type, options, helpValue }: DescribedFlag): CompletedFlag['value'] {
  if (type === 'boolean') return { kind: 'none' }
  if (options !== undefined) return { kind: 'choice', choices: options }
  if (helpValue === 'FILE') return { kind: 'file' }
  return { kind: helpValue === 'DIR' ? 'directory' : 'text' }
}
