import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { answerFlags, initFlags, optionsOf } from '../cli/init-flags.ts'
import { renderInit, renderUndo } from '../cli/render-init.ts'
import { runInit } from '../cli/services/init.ts'
import { contextOf } from '../cli/services/init-finish.ts'
import { joinInit } from '../cli/services/init-join.ts'
import { liveWorld } from '../cli/services/init-live.ts'
import { undoInit } from '../cli/services/init-undo.ts'
import { noTerminal, openWizard } from '../cli/services/init-wizard.ts'
import type { InitWorld } from '../cli/services/init-world.ts'

export default class InitCommand extends BaseCommand {
  static override summary = 'Look at this box, ask what it cannot tell, and write haup.yaml'
  static override description =
    'The file is the same on every node: write it on one, then --join on the other. With --yes nothing is asked: ' +
    'proposals are taken for all that is not given. Nothing is replaced unasked, a copy is kept, and --undo takes ' +
    'all of it back.\nExit codes: 0 written or unchanged, 3 another file is there and was kept, 130 interrupted ' +
    '(nothing was written).'
  static override examples = [
    { description: 'Be asked', command: '<%= config.bin %> init' },
    {
      description: 'Be asked nothing',
      command: '<%= config.bin %> init --yes --peer-address 192.0.2.12 --vip 192.0.2.100/24',
    },
    {
      description: 'See what it would write',
      command: '<%= config.bin %> init --answers answers.yaml --yes --dry-run',
    },
    {
      description: 'Two addresses, each box preferred for one',
      command: '<%= config.bin %> init --vip 192.0.2.100/24 --vip 192.0.2.101/24 --active-active',
    },
    {
      description: 'With the servers behind nginx',
      command: "<%= config.bin %> init --pool '192.0.2.21:80 weight=2' --pool 192.0.2.22:80 --pool-name shop",
    },
    { description: 'On the other box, with the file of the first', command: '<%= config.bin %> init --join haup.yaml' },
    { description: 'Take all of it back', command: '<%= config.bin %> init --undo' },
  ]
  static override flags = { ...answerFlags(), ...initFlags }

  override async run(): Promise<JsonObject> {
    const { flags } = await this.parse(InitCommand)
    if (!flags.yes && !process.stdin.isTTY) throw noTerminal()
    const isAsked = !flags.yes && process.stdin.isTTY
    const world = liveWorld(isAsked ? await openWizard() : undefined, (lines) => this.print(lines))
    const options = optionsOf(flags)
    if (flags.undo) return this.undo(options, world)
    const { result, exitCode } = await (flags.join === undefined
      ? runInit(options, world)
      : joinInit({ ...options, from: flags.join }, world))
    this.print(renderInit(result))
    this.exitWith(exitCode)
    return result
  }

  private async undo(options: ReturnType<typeof optionsOf>, world: InitWorld): Promise<JsonObject> {
    const { result, exitCode } = await world.uninterrupted(() =>
      undoInit(options, contextOf(options, world), async (actions) => {
        if (world.wizard === undefined) return true
        world.tell(actions)
        return world.wizard.confirm('Undo all of this?', true)
      }),
    )
    this.print(renderUndo(result))
    this.exitWith(exitCode)
    return result
  }
}
