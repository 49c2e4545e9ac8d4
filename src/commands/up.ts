import { Flags } from '@oclif/core'
import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { runDirFlag } from '../cli/flags.ts'
import { LOG_FORMATS } from '../cli/services/logger.ts'
import { runEngine } from '../cli/services/up.ts'
import { DEFAULT_CONFIG } from '../control/messages.ts'

export default class UpCommand extends BaseCommand {
  static override summary = 'Run the engine in the foreground'
  static override description = `Takes part in the election, binds the virtual addresses while it is master, watches the
web server. SIGTERM and SIGINT end it in order: addresses unbound, then handed over (priority 0). Needs root.`
  static override examples = ['<%= config.bin %> up', '<%= config.bin %> up --config ./haup.yaml --log-format json']
  static override flags = {
    config: Flags.string({
      description: 'configuration file',
      default: DEFAULT_CONFIG,
      env: 'HAUP_CONFIG',
      helpValue: 'FILE',
    }),
    node: Flags.string({
      description: 'which node of the file this machine is; otherwise found by address or host name',
    }),
    'run-dir': runDirFlag,
    'log-format': Flags.option({
      options: LOG_FORMATS,
      description: 'form of log lines; default: journal when stdout goes there, otherwise text',
    })(),
    debug: Flags.boolean({ description: 'log debugging details too' }),
  }

  override async run(): Promise<JsonObject> {
    const { flags } = await this.parse(UpCommand)
    return runEngine({
      config: flags.config,
      node: flags.node,
      runDir: flags['run-dir'],
      logFormat: flags['log-format'],
      debug: flags.debug,
    })
  }
}
