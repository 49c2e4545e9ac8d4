import { boolean, string } from '@oclif/core/flags'
import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { runDirFlag } from '../cli/flags.ts'
import { describePlaces, renderReleased } from '../cli/render-by-hand.ts'
import { askForRelease } from '../cli/services/ask-yes.ts'
import { release } from '../cli/services/release.ts'
import { DEFAULT_CONFIG } from '../control/messages.ts'

export default class ReleaseCommand extends BaseCommand {
  static override summary = 'Take the virtual addresses off this box by hand, when its engine is dead or hangs'
  static override description =
    'Only addresses that carry haup\'s own mark are taken away. Refuses while an engine answers: use "haup failover" or ' +
    'stop it. Needs root. Exit codes: 0 none of the virtual addresses is here any more, 3 refused, or somebody else set ' +
    'one here, 5 the kernel refuses.'
  static override examples = ['<%= config.bin %> release --yes']
  static override flags = {
    yes: boolean({ char: 'y', description: 'do not ask' }),
    force: boolean({ description: 'also from under an engine that does not answer' }),
    config: string({
      description: 'says which virtual addresses must not be here; not needed',
      default: DEFAULT_CONFIG,
      env: 'HAUP_CONFIG',
      helpValue: 'FILE',
    }),
    'run-dir': runDirFlag,
  }

  override async run(): Promise<JsonObject> {
    const { flags } = await this.parse(ReleaseCommand)
    const { released, exitCode } = await release({
      runDir: flags['run-dir'],
      config: flags.config,
      force: flags.force,
      confirm: (places) => askForRelease(flags.yes, describePlaces(places)),
    })
    this.print(renderReleased(released))
    this.exitWith(exitCode)
    return released
  }
}
