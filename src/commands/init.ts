import { randomInt } from 'node:crypto'
import { resolve } from 'node:path'
import { Flags } from '@oclif/core'
import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { detectHost } from '../cli/detect/host.ts'
import { answerFlags, answersOf } from '../cli/init-flags.ts'
import { renderInit } from '../cli/render-init.ts'
import { runInit } from '../cli/services/init.ts'
import { openWizard } from '../cli/services/init-wizard.ts'
import { DEFAULT_CONFIG } from '../control/messages.ts'
import { UserError } from '../shared/errors.ts'

export default class InitCommand extends BaseCommand {
  static override summary = 'Look at this box, ask what it cannot tell, and write haup.yaml'
  static override description = `The file is the same on every node: write it on one, copy it to the other. With --yes
nothing is asked: proposals are taken for all that is not given. Nothing is replaced unasked, and a copy is kept.
Exit codes: 0 written or unchanged, 3 another file is there and was kept, 130 interrupted (nothing was written).`
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --yes --peer-address 192.0.2.12 --vip 192.0.2.100/24',
    '<%= config.bin %> init --answers answers.yaml --yes --dry-run',
  ]
  static override flags = {
    ...answerFlags(),
    config: Flags.string({ description: 'file to write', default: DEFAULT_CONFIG, helpValue: 'FILE' }),
    answers: Flags.string({
      description: 'YAML file with answers; keys are the names of the flags',
      helpValue: 'FILE',
    }),
    yes: Flags.boolean({ char: 'y', description: 'ask nothing: take the proposals for what is not given' }),
    force: Flags.boolean({ description: 'replace a file that differs (a copy is kept)' }),
    'dry-run': Flags.boolean({ description: 'print what would be written, write nothing' }),
  }

  override async run(): Promise<JsonObject> {
    const { flags } = await this.parse(InitCommand)
    if (!flags.yes && !process.stdin.isTTY) throw notInteractive()
    const { result, exitCode } = await runInit(
      {
        config: resolve(flags.config),
        flags: answersOf(flags),
        answersFile: flags.answers,
        force: flags.force,
        dryRun: flags['dry-run'],
      },
      {
        detect: detectHost,
        wizard: flags.yes ? undefined : await openWizard(),
        random: randomInt,
        now: () => new Date(),
        print: (lines) => this.print(lines),
      },
    )
    this.print(renderInit(result))
    this.exitWith(exitCode)
    return result
  }
}

const notInteractive = (): UserError =>
  new UserError('there is no terminal to ask questions on', {
    code: 'init.no-terminal',
    nextSteps: ['add --yes, and the answers as flags: haup init --help'],
  })
