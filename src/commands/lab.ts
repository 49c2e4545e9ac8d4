import { boolean } from '@oclif/core/flags'
import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { EXIT_INTERRUPTED } from '../cli/error-report.ts'
import { removeLeftOverLabs } from '../lab/cleanup.ts'
import { requireLabAbilities } from '../lab/requirements.ts'
import { playStory } from '../lab/story.ts'

export default class LabCommand extends BaseCommand {
  static override summary = 'Try haup on this machine: two boxes in network namespaces, real nginx, real engines'
  static override description =
    `Builds a small LAN in network namespaces, sets up two boxes with "haup init", lets them fail in
several ways and tells what a client saw of it. Takes about a minute, needs root, touches nothing of this
machine's own network and services, and removes everything at the end.`
  static override examples = [
    '<%= config.bin %> lab',
    { description: 'Look around afterwards', command: '<%= config.bin %> lab --keep' },
    { description: 'Remove what was kept or left behind', command: '<%= config.bin %> lab --clean' },
  ]
  static override flags = {
    keep: boolean({
      default: false,
      description: 'leave the lab running at the end, and say how to enter it',
      exclusive: ['clean'],
    }),
    clean: boolean({
      default: false,
      description: 'remove labs that were kept or left behind by a crash, and do nothing else',
    }),
  }

  override async run(): Promise<JsonObject> {
    const { flags } = await this.parse(LabCommand)
    requireLabAbilities()
    if (flags.clean) return this.clean()
    const interruption = new AbortController()
    const interrupt = (): void => interruption.abort(interrupted)
    process.on('SIGINT', interrupt)
    process.on('SIGTERM', interrupt)
    try {
      return await playStory({ keep: flags.keep, print: (lines) => this.print(lines), signal: interruption.signal })
    } catch (thrown) {
      if (thrown !== interrupted) throw thrown
      this.exitWith(EXIT_INTERRUPTED)
      return { interrupted: true }
    } finally {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', interrupt)
    }
  }

  private async clean(): Promise<JsonObject> {
    const removed = await removeLeftOverLabs()
    this.print(removed.length === 0 ? 'no lab was left behind' : `removed: ${removed.join(', ')}`)
    return { removed }
  }
}

const interrupted = Symbol('interrupted')
