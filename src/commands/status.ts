import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { runDirFlag } from '../cli/flags.ts'
import { stdoutPaint } from '../cli/output.ts'
import { renderStatus } from '../cli/render-status.ts'
import { readStatus } from '../cli/services/status.ts'

export default class StatusCommand extends BaseCommand {
  static override summary = 'Show who holds which address, since when and why'
  static override description =
    `Exit codes: 0 all is well, 3 an instance is in FAULT or held by no node, 4 no engine runs, 6 all is served and no
other node could take over, 7 an address is held here and its gate is closed, 8 the engine does not answer: then nothing is
known about this node.`
  static override examples = ['<%= config.bin %> status', '<%= config.bin %> status --json']
  static override flags = { 'run-dir': runDirFlag }

  override async run(): Promise<JsonObject> {
    const { flags } = await this.parse(StatusCommand)
    const { status, exitCode } = await readStatus(flags['run-dir'])
    this.print(renderStatus(status, stdoutPaint()))
    this.exitWith(exitCode)
    return status
  }
}
