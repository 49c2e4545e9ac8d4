import { boolean, string } from '@oclif/core/flags'
import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { runDirFlag } from '../cli/flags.ts'
import { stdoutPaint } from '../cli/output.ts'
import { renderOutcomes } from '../cli/render-failover.ts'
import { requestStandby } from '../cli/services/standby.ts'

export default class StandbyCommand extends BaseCommand {
  static override summary = 'Let this node hold nothing, until haup resume'
  static override description =
    'Everything that this node holds is handed over now, and it holds nothing any more unless nobody else can; it tells ' +
    'the other nodes so. With --strict it holds nothing even then. That stays until --hold has passed, or until haup ' +
    'resume, also when the engine is restarted. Its web servers are not restarted meanwhile. Refused at once when it is ' +
    'known that nobody could take over. Exit codes: 0 it holds nothing, 3 refused, or nobody took over, 4 the engine ' +
    'does not run.'
  static override examples = [
    '<%= config.bin %> standby',
    '<%= config.bin %> standby --hold 30m',
    '<%= config.bin %> standby --strict',
  ]
  static override flags = {
    hold: string({ description: 'how long', helpValue: 'DURATION' }),
    strict: boolean({ description: 'do not even serve when nobody else can' }),
    force: boolean({ description: 'also when nobody could take over: this node goes on as the last one' }),
    'run-dir': runDirFlag,
  }

  override async run(): Promise<JsonObject> {
    const { flags } = await this.parse(StandbyCommand)
    const { hold, strict, force, 'run-dir': runDir } = flags
    const { outcomes, exitCode } = await requestStandby({ runDir, hold, strict, force })
    this.print(renderOutcomes(outcomes, stdoutPaint()))
    this.exitWith(exitCode)
    return { outcomes }
  }
}
