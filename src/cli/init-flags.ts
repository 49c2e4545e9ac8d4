import { isAbsolute, join, resolve } from 'node:path'
import { Flags } from '@oclif/core'
import { DEFAULT_CONFIG } from '../control/messages.ts'
import { UserError } from '../shared/errors.ts'
import { ANSWER_KEYS, type AnswerKey, type Answers } from './services/init-answers.ts'
import type { Question } from './services/init-question.ts'
import { flagOf, QUESTIONS } from './services/init-questions.ts'
import type { InitOptions } from './services/init-world.ts'

/** The questions of `haup init` as flags. */
export const answerFlags = () =>
  Object.fromEntries(QUESTIONS.map((question) => [flagOf(question.key), flagFor(question)]))

/** May be given more than once. */
const REPEATED: readonly AnswerKey[] = ['vip', 'pool']

function flagFor({ form, help, key }: Question) {
  const description = help
  if (form === 'yes-no') return Flags.boolean({ description, allowNo: true })
  if (form === 'switch') return Flags.boolean({ description })
  if (REPEATED.includes(key)) {
    const helpValue = key === 'vip' ? 'ADDRESS' : 'SERVER'
    return Flags.string({ description, multiple: true, multipleNonGreedy: true, helpValue })
  }
  if (typeof form === 'object') return Flags.string({ description, helpValue: form.choices.join('|') })
  return Flags.string({ description, helpValue: form === 'secret' ? 'FILE' : key.toUpperCase() })
}

/** How init goes about it, beside the answers. */
export const initFlags = {
  config: Flags.string({ description: 'file to write', default: DEFAULT_CONFIG, helpValue: 'FILE' }),
  root: Flags.string({
    description: 'build an image: write below this directory, touch nothing that runs',
    default: '/',
    helpValue: 'DIR',
  }),
  answers: Flags.string({ description: 'YAML file with answers; keys are the names of the flags', helpValue: 'FILE' }),
  'web-server': Flags.string({
    description: 'which one, when several are here: nginx, apache or its configuration file',
    helpValue: 'NAME|FILE',
  }),
  listen: Flags.boolean({
    description: 'listen to the LAN for 3 s, and ask it for the addresses',
    allowNo: true,
    default: true,
  }),
  join: Flags.string({
    description: 'take part with the haup.yaml that was written on another node',
    helpValue: 'FILE',
    exclusive: ['answers', 'undo'],
  }),
  enable: Flags.boolean({ description: 'start haup, now and at boot (with --join the default)', allowNo: true }),
  undo: Flags.boolean({ description: 'take back all that init has written on this box', exclusive: ['answers'] }),
  yes: Flags.boolean({ char: 'y', description: 'ask nothing: take the proposals for what is not given' }),
  force: Flags.boolean({ description: 'replace files that differ (copies are kept)' }),
  'dry-run': Flags.boolean({ description: 'print what would be written, write nothing' }),
}

type Parsed = {
  readonly config: string
  readonly root: string
  readonly answers?: string | undefined
  readonly 'web-server'?: string | undefined
  readonly listen: boolean
  readonly enable?: boolean | undefined
  readonly force: boolean
  readonly 'dry-run': boolean
}

export function optionsOf(flags: Parsed & Readonly<Record<string, unknown>>): InitOptions {
  if (!isAbsolute(flags.root)) {
    throw new UserError(`--root must be an absolute path, not "${flags.root}"`, { code: 'init.wrong-answer' })
  }
  const system = join(flags.root, DEFAULT_CONFIG)
  const config = flags.config === DEFAULT_CONFIG ? system : resolve(flags.config)
  const writesSystem = config === system
  return {
    config,
    root: flags.root,
    manifest: writesSystem ? join(flags.root, '/var/lib/haup/init-manifest.json') : `${config}.init-manifest.json`,
    writesSystem,
    flags: answersOf(flags),
    answersFile: flags.answers,
    webServer: flags['web-server'],
    listen: flags.listen,
    enable: flags.enable,
    force: flags.force,
    dryRun: flags['dry-run'],
  }
}

/** Parsed flags -> the answers that were given. */
export function answersOf(flags: Readonly<Record<string, unknown>>): Answers {
  const answers: Partial<Record<AnswerKey, string>> = {}
  for (const key of ANSWER_KEYS) {
    const value = flags[flagOf(key)]
    if (value === undefined) continue
    answers[key] =
      typeof value === 'boolean' ? (value ? 'yes' : 'no') : Array.isArray(value) ? value.join(',') : String(value)
  }
  return answers
}
