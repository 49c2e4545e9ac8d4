import { dirname, join } from 'node:path'
import type { HaupYamlPlan } from '../../templates/haup-yaml.ts'
import type { HostFacts } from '../detect/facts.ts'
import type { Answers } from './init-answers.ts'
import type { InitOptions } from './init-world.ts'

/**
 * Commands to go on with, in order: start haup here; then the two that set the other box up, a copy of the same files and
 * `haup init --join`. PURE.
 */
export function nextSteps(
  { config, writesSystem, root }: Pick<InitOptions, 'config' | 'writesSystem' | 'root'>,
  plan: HaupYamlPlan,
  answers: Answers,
  { system }: HostFacts,
  isStarted: boolean,
): string[] {
  if (root !== '/') return []
  const beside = [plan.passwordFile, plan.peer?.keyFile].filter((name) => name !== undefined)
  const files = [config, ...beside.map((name) => join(dirname(config), name))]
  const peer = `root@${answers['peer-address']}`
  const byUnit = writesSystem && system.hasSystemd
  const start = byUnit ? 'systemctl enable --now haup' : writesSystem ? 'haup up' : `haup up --config ${config}`
  return [
    ...(isStarted ? [] : [start]),
    `scp -p ${files.join(' ')} ${peer}:`,
    `ssh -t ${peer} haup init --join haup.yaml${writesSystem ? '' : ` --config ${config}`}`.replace(
      'haup.yaml',
      config.slice(config.lastIndexOf('/') + 1),
    ),
    'haup status',
  ]
}
