import { Args, Flags } from '@oclif/core'
import { BaseCommand, type JsonObject } from '../../cli/base-command.ts'
import { checkConfigFile } from '../../cli/services/config.ts'
import { DEFAULT_CONFIG } from '../../control/messages.ts'

export default class ConfigCheckCommand extends BaseCommand {
  static override summary = 'Check a configuration file: every problem with its line, column and remedy'
  static override description = `On a box that is one of the file's nodes, interfaces and subnets are compared too.
Exit codes: 0 valid (warnings may be told), 3 there are errors.`
  static override examples = ['<%= config.bin %> config check', '<%= config.bin %> config check ./haup.yaml --json']
  static override args = { file: Args.string({ description: 'configuration file', default: DEFAULT_CONFIG }) }
  static override flags = {
    node: Flags.string({
      description: 'check as this node; otherwise found by address or host name',
      helpValue: 'NAME',
    }),
  }

  override async run(): Promise<JsonObject> {
    const { args, flags } = await this.parse(ConfigCheckCommand)
    const { check, lines, exitCode } = await checkConfigFile(args.file, flags.node)
    this.print(lines)
    this.exitWith(exitCode)
    return check
  }
}
