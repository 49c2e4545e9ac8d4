import { Flags } from '@oclif/core'
import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { removeLeftOvers } from '../cli/services/cleanup.ts'

export default class CleanupCommand extends BaseCommand {
  static override summary = 'Remove the addresses that a dead engine left behind'
  static override description =
    `Only addresses that carry haup's own mark, and only when no engine runs. Addresses that were
there before haup are as they were, and stay closed by the gate, since another node may hold them. systemd calls it
after the engine has ended, however it ended. Needs root. Exit codes: 0 nothing is left, 3 an engine runs.`
  static override examples = ['<%= config.bin %> cleanup']
  static override flags = {
    open: Flags.boolean({
      description: 'Open the gate also for addresses that this box has without haup: no other node may hold them then',
    }),
  }

  override async run(): Promise<JsonObject> {
    const { flags } = await this.parse(CleanupCommand)
    const cleaned = await removeLeftOvers(flags.open)
    this.print([
      ...cleaned.removed.map((each) => `removed ${each.address} from ${each.interface}`),
      ...(cleaned.closed ?? []).map(
        (each) => `${each.address} stays on ${each.interface}, closed: "haup cleanup --open" opens it`,
      ),
    ])
    return cleaned
  }
}
