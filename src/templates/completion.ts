import { render } from './render.ts'

/** What a shell needs to complete a command line; taken from the commands themselves, so that it cannot drift. */
export type CompletedFlag = {
  /** `--config`, and `-y` where there is a short form. */
  readonly names: readonly string[]
  readonly description: string
  readonly value:
    | { readonly kind: 'none' }
    | { readonly kind: 'choice'; readonly choices: readonly string[] }
    | { readonly kind: 'file' | 'directory' | 'text' }
}

export type CompletedCommand = {
  /** As typed: `config check`. */
  readonly name: string
  readonly summary: string
  readonly flags: readonly CompletedFlag[]
  /** Of the arguments, where there is a closed list of them. */
  readonly choices: readonly string[]
  readonly takesFile: boolean
}

/** A completion script from its template. PURE. */
export function renderCompletion(template: string, commands: readonly CompletedCommand[]): string {
  return render(template, {
    commands: commands.map(viewCommand),
    first: [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))].join(' '),
    topics: topicsOf(commands),
  })
}

const viewCommand = (command: CompletedCommand) => ({
  name: command.name,
  summary: plain(command.summary),
  words: command.name.split(' ').length,
  flags: command.flags.map((flag) => viewFlag(command, flag)),
  flagNames: command.flags.flatMap(({ names }) => names).join(' '),
  choices: command.choices.join(' '),
  takesFile: command.takesFile,
})

const viewFlag = (command: CompletedCommand, { names, description, value }: CompletedFlag) => ({
  patterns: names.map((name) => `'${command.name} ${name}'`).join(' | '),
  description: plain(description),
  takesValue: value.kind !== 'none',
  choices: value.kind === 'choice' ? value.choices.join(' ') : null,
  isFile: value.kind === 'file',
  isDirectory: value.kind === 'directory',
  names: names.map((name) => ({
    name,
    description: plain(description),
    suffix: value.kind === 'none' ? '' : name.startsWith('--') ? '=' : '+',
    action: zshAction(value),
  })),
})

function zshAction(value: CompletedFlag['value']): string {
  switch (value.kind) {
    case 'none':
      return ''
    case 'choice':
      return `:value:(${value.choices.join(' ')})`
    case 'file':
      return ':file:_files'
    case 'directory':
      return ':directory:_files -/'
    case 'text':
      return ':value:'
  }
}

/** Words that are followed by others: `config` by `check` and `show`. */
function topicsOf(commands: readonly CompletedCommand[]) {
  const names = commands.filter(({ name }) => name.includes(' ')).map(({ name }) => name.split(' '))
  const topics = [...new Set(names.map(([topic = '']) => topic))]
  return topics.map((topic) => ({
    topic,
    words: names.flatMap(([first, second = '']) => (first === topic ? [second] : [])).join(' '),
  }))
}

/** One line without what quotes, brackets and colons mean to a shell. */
const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/['"`\\$[\]:]/g, '')
