import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { runDirFlag } from '../cli/flags.ts'
import { stdoutPaint } from '../cli/output.ts'
import { renderOutcomes } from '../cli/render-failover.ts'
import { requestResume } from '../cli/services/standby.ts'

export default class ResumeCommand extends BaseCommand {
  static override summary = 'End haup standby, and all hand-overs: this node takes part again'
  static override description =
    'It takes part with its own priority again, with all its instances; whether it takes addresses back is a matter of ' +
    'preemption. Exit codes: 0 it takes part, also when nothing was to be resumed, 4 the engine does not run.'
  static override examples = ['<%= config.bin %> resume']
  static override flags = { 'run-dir': runDirFlag }

  override async run(): Promise<JsonObject> {
    const { flags } = await this.parse(ResumeCommand)
    const { outcomes, exitCode } = await requestResume(flags['run-dir'])
    this.print(renderOutcomes(outcomes, stdoutPaint()))
    this.exitWith(exitCode)
    return { outcomes }
  }
}
