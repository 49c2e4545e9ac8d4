import { Args, Flags } from '@oclif/core'
import { BaseCommand, type JsonObject } from '../../cli/base-command.ts'
import { showConfigFile } from '../../cli/services/config.ts'
import { DEFAULT_CONFIG } from '../../control/messages.ts'

export default class ConfigShowCommand extends BaseCommand {
  static override summary = 'Show the configuration in effect: all keys, with defaults filled in'
  static override description = 'Passwords are not shown, only the names of their files.'
  static override examples = ['<%= config.bin %> config show', '<%= config.bin %> config show --json']
  static override args = { file: Args.string({ description: 'configuration file', default: DEFAULT_CONFIG }) }
  static override flags = {
    node: Flags.string({
      description: 'show as this node; otherwise found by address or host name',
      helpValue: 'NAME',
    }),
  }

  override async run(): Promise<JsonObject> {
    const { args, flags } = await this.parse(ConfigShowCommand)
    const { shown, lines } = await showConfigFile(args.file, flags.node)
    this.print(lines)
    return shown
  }
}
