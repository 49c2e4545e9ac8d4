import { dirname, join } from 'node:path'
import { DEFAULT_CONFIG } from '../../control/messages.ts'
import type { HaupYamlPlan } from '../../templates/haup-yaml.ts'
import type { Answers } from './init-answers.ts'

/** Commands to go on with, in order: the same file onto the other box, an engine on both. PURE. */
export function nextSteps(config: string, plan: HaupYamlPlan, answers: Answers): string[] {
  const files = plan.passwordFile === undefined ? [config] : [config, join(dirname(config), plan.passwordFile)]
  const up = config === DEFAULT_CONFIG ? 'haup up' : `haup up --config ${config}`
  const peer = `root@${answers['peer-address']}`
  return [
    `ssh ${peer} mkdir -p ${dirname(config)}`,
    `scp -p ${files.join(' ')} ${peer}:${dirname(config)}/`,
    `${up}      # here, as ${answers.node}`,
    `${up}      # on ${answers.peer}`,
    'haup status',
  ]
}
