import { string as textArgument } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { runDirFlag } from '../cli/flags.ts'
import { stdoutPaint } from '../cli/output.ts'
import { renderOutcomes } from '../cli/render-failover.ts'
import { requestFailover } from '../cli/services/failover.ts'

export default class FailoverCommand extends BaseCommand {
  static override summary = 'Hand the addresses of this node over to the other one, now'
  static override description =
    'Run it on the node that is MASTER. Without names, everything that this node holds is handed over. It stays ' +
    'away until --hold has passed, or until --back, also when the engine is restarted; meanwhile web servers that ' +
    'only these instances track are not restarted. With --to another haup node is chosen. Refused at once when it is known ' +
    'that nobody could take over: nothing is interrupted then. Exit codes: 0 the other node took over, 3 refused, nobody ' +
    'took over, another one did, or this node is not master, 4 the engine does not run.'
  static override examples = [
    '<%= config.bin %> failover',
    '<%= config.bin %> failover www --hold 10m',
    '<%= config.bin %> failover --to web2',
    '<%= config.bin %> failover www --back',
  ]
  static override args = {
    instance: textArgument({ description: 'name of an instance; all when none is given', multiple: true }),
  }
  static override flags = {
    hold: string({ description: 'how long to stay away', helpValue: 'DURATION', exclusive: ['back'] }),
    to: string({ description: 'the node that is to take over', helpValue: 'NODE', exclusive: ['back'] }),
    force: boolean({
      description: 'let go also when nobody could take over: nobody may serve for some seconds',
      exclusive: ['back'],
    }),
    back: boolean({ description: 'take part again with the own priority' }),
    'run-dir': runDirFlag,
  }

  override async run(): Promise<JsonObject> {
    const { args, flags } = await this.parse(FailoverCommand)
    const { outcomes, exitCode } = await requestFailover({
      runDir: flags['run-dir'],
      instances: args.instance ?? [],
      hold: flags.hold,
      back: flags.back,
      to: flags.to,
      force: flags.force,
    })
    this.print(renderOutcomes(outcomes, stdoutPaint()))
    this.exitWith(exitCode)
    return { outcomes }
  }
}
