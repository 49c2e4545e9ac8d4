import { string as textArgument } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { runDirFlag } from '../cli/flags.ts'
import { stdoutPaint } from '../cli/output.ts'
import { renderForceHeld } from '../cli/render-by-hand.ts'
import { forceHold } from '../cli/services/force-hold.ts'
import { DEFAULT_CONFIG } from '../control/messages.ts'
import { UserError } from '../shared/errors.ts'

export default class ForceHoldCommand extends BaseCommand {
  static override summary = 'Hold virtual addresses by hand, without an engine and without an election'
  static override description =
    'For the hour when no engine can run and the address must answer. Asks the LAN first and refuses while another box ' +
    'answers. Ends with "haup release" or the start of the engine. Needs root. Exit codes: 0 the addresses are here, ' +
    '3 an engine runs or another box has one of them, 5 something of this box hinders.'
  static override examples = ['<%= config.bin %> force-hold www', '<%= config.bin %> force-hold --all']
  static override args = {
    instance: textArgument({ description: 'name of an instance', multiple: true }),
  }
  static override flags = {
    all: boolean({ description: 'every instance of this node' }),
    'i-know-that-the-peer-is-dead': boolean({ description: 'do not ask the LAN who has the addresses' }),
    config: string({
      description: 'configuration file',
      default: DEFAULT_CONFIG,
      env: 'HAUP_CONFIG',
      helpValue: 'FILE',
    }),
    node: string({ description: 'which node of the file this machine is' }),
    'run-dir': runDirFlag,
  }

  override async run(): Promise<JsonObject> {
    const { args, flags } = await this.parse(ForceHoldCommand)
    const instances = args.instance ?? []
    if (!flags.all === (instances.length === 0)) throw which()
    const result = await forceHold({
      runDir: flags['run-dir'],
      config: flags.config,
      node: flags.node,
      instances,
      peerIsDead: flags['i-know-that-the-peer-is-dead'],
    })
    this.print(renderForceHeld(result, stdoutPaint()))
    return result
  }
}

const which = (): UserError =>
  new UserError('say which instances, or --all', {
    code: 'usage',
    nextSteps: ['haup config show', 'haup force-hold --all'],
  })
