import { string } from '@oclif/core/args'
import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { completionScript, SHELLS, type Shell } from '../cli/services/completion.ts'

export default class CompletionCommand extends BaseCommand {
  static override summary = 'Print a completion script for a shell'
  static override description = 'The Debian package installs both; otherwise the shell can read them as shown below.'
  static override examples = [
    'eval "$(<%= config.bin %> completion bash)"',
    '<%= config.bin %> completion zsh > "$' + '{fpath[1]}/_haup"',
  ]
  static override args = {
    shell: string({ description: 'which shell', options: [...SHELLS], required: true }),
  }

  override async run(): Promise<JsonObject> {
    const { args } = await this.parse(CompletionCommand)
    const shell: Shell = args.shell === 'zsh' ? 'zsh' : 'bash'
    const script = await completionScript(shell, this.config.commands)
    this.print(script.trimEnd())
    return { shell, script }
  }
}
