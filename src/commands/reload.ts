import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { runDirFlag } from '../cli/flags.ts'
import { requestReload } from '../cli/services/reload.ts'

export default class ReloadCommand extends BaseCommand {
  static override summary = 'Make the running engine read its configuration again'
  static override description =
    'What did not change is not touched: no address moves for it. A wrong file changes nothing. The same as SIGHUP. ' +
    'Exit codes: 0 taken, 3 refused, 4 the engine does not run.'
  static override examples = ['<%= config.bin %> reload']
  static override flags = { 'run-dir': runDirFlag }

  override async run(): Promise<JsonObject> {
    const { flags } = await this.parse(ReloadCommand)
    const changes = await requestReload(flags['run-dir'])
    this.print(changes.length === 0 ? 'nothing changed' : changes)
    return { changes }
  }
}
