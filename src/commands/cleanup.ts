import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { removeLeftOvers } from '../cli/services/cleanup.ts'

export default class CleanupCommand extends BaseCommand {
  static override summary = 'Remove the addresses that a dead engine left behind'
  static override description =
    `Only addresses that carry haup's own mark, and only when no engine runs. systemd calls it
after the engine has ended, however it ended. Needs root. Exit codes: 0 nothing is left, 3 an engine runs.`
  static override examples = ['<%= config.bin %> cleanup']

  override async run(): Promise<JsonObject> {
    await this.parse(CleanupCommand)
    const cleaned = await removeLeftOvers()
    this.print(cleaned.removed.map((each) => `removed ${each.address} from ${each.interface}`))
    return cleaned
  }
}
